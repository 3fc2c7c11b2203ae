package dev.sluice.analysis.provider;

import static dev.sluice.analysis.provider.OneCall.answered;
import static dev.sluice.analysis.provider.OneCall.anthropic;
import static dev.sluice.analysis.provider.OneCall.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AnthropicModelTest {
    private static final String MESSAGE =
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"m",
             "content":[{"type":"text","text":"{}"}],"stop_reason":"%s","stop_sequence":null%s}
            """;

    @Test
    void schemaIsSentAsAnOutputFormat() throws Exception {
        try (ScriptedProvider scripted = stopping("end_turn", "")) {
            anthropic(scripted, "claude-haiku-4-5");
            JsonNode newer = sent(scripted);
            assertThat(newer.path("system").asString()).startsWith("You are a technical SEO");
            assertThat(newer.path("messages")).hasSize(1);
            assertThat(newer.has("temperature")).isFalse();
            JsonNode format = newer.path("output_config").path("format");
            assertThat(format.path("type").asString()).isEqualTo("json_schema");
            assertThat(format.path("schema").toString())
                    .contains("title_tag")
                    .doesNotContain("maxLength")
                    .doesNotContain("minimum");
        }
        try (ScriptedProvider scripted = stopping("end_turn", "")) {
            anthropic(scripted, "claude-3-haiku-20240307");
            JsonNode older = sent(scripted);
            assertThat(older.path("tool_choice").path("name").asString()).isEqualTo("seo");
            assertThat(older.path("tools").path(0).path("input_schema").toString())
                    .contains("maxLength");
            assertThat(older.has("output_config")).isFalse();
        }
    }

    /** Anthropic's input tokens exclude the cached ones; Sluice's include them. */
    @Test
    void usageIsReadByKind() throws Exception {
        String usage =
                """
                ,"usage":{"input_tokens":100,"cache_creation_input_tokens":30,
                 "cache_read_input_tokens":600,"output_tokens":200,
                 "output_tokens_details":{"thinking_tokens":50}}
                """;
        try (ScriptedProvider scripted = stopping("end_turn", usage)) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).usage())
                    .contains(new TokenUsage(730, 600, 30, 200, 50));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "end_turn, STOP",
        "stop_sequence, STOP",
        "tool_use, STOP",
        "max_tokens, LENGTH",
        "model_context_window_exceeded, LENGTH",
        "pause_turn, OTHER",
        "brand_new, OTHER",
    })
    void stopReasonsAreReported(String said, FinishReason finish) throws Exception {
        try (ScriptedProvider scripted = stopping(said, "")) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).finish())
                    .isEqualTo(finish);
        }
    }

    @Test
    void toolCallWithoutInputIsNotAnAnswerAndIsCharged() throws Exception {
        String body =
                """
                {"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"tool_use",
                 "content":[{"type":"tool_use","id":"t","name":"seo"}],"stop_sequence":null,
                 "usage":{"input_tokens":1,"output_tokens":1}}
                """;
        try (ScriptedProvider scripted = ScriptedProvider.answering(200, Map.of(), body)) {
            assertThat(anthropic(scripted, "claude-3-haiku-20240307"))
                    .isInstanceOfSatisfying(
                            ModelReply.Unavailable.class,
                            unread -> {
                                assertThat(unread.isAnswerLost()).isFalse();
                                assertThat(unread.usage()).isPresent();
                            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"usage\":{\"input_tokens\":-9,\"output_tokens\":1}"})
    void answerWithImplausibleUsageIsStillAnAnswer(String usage) throws Exception {
        try (ScriptedProvider scripted = stopping("end_turn", usage)) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).usage()).isEmpty();
        }
    }

    @Test
    void limitsAreReadFromTheHeaders() throws Exception {
        Map<String, String> said =
                Map.of(
                        "anthropic-ratelimit-output-tokens-limit", "8000",
                        "anthropic-ratelimit-output-tokens-remaining", "7000",
                        "anthropic-ratelimit-output-tokens-reset", "2000-01-01T00:00:00Z");
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, said, MESSAGE.formatted("end_turn", ""))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).limits().outputTokens())
                    .contains(new RateLimits.Window(8_000, 7_000, Optional.of(Duration.ZERO)));
        }
    }

    private static ScriptedProvider stopping(String reason, String usage) {
        return ScriptedProvider.answering(200, Map.of(), MESSAGE.formatted(reason, usage));
    }
}
