package dev.sluice.analysis.provider;

import static dev.sluice.analysis.provider.OneCall.SEO;
import static dev.sluice.analysis.provider.OneCall.answered;
import static dev.sluice.analysis.provider.OneCall.ask;
import static dev.sluice.analysis.provider.OneCall.openAi;
import static dev.sluice.analysis.provider.OneCall.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.TokenUsage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class OpenAiModelTest {
    private static final String COMPLETION =
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m",
             "choices":[{"index":0,"finish_reason":"%s","logprobs":null,
               "message":{"role":"assistant","content":"{}","refusal":null}}]%s}
            """;

    @Test
    void reasoningModelsGetTheirOwnParameters() throws Exception {
        try (ScriptedProvider scripted = finishing("stop", "")) {
            openAi(scripted, "gpt-5-mini");
            JsonNode body = sent(scripted);

            assertThat(body.has("temperature")).isFalse();
            assertThat(body.has("max_tokens")).isFalse();
            assertThat(body.path("max_completion_tokens").asInt())
                    .isEqualTo(SEO.output().maxTokens());
        }
    }

    @Test
    void modelsOfCompatibleServersGetTheOldParameters() throws Exception {
        try (ScriptedProvider scripted = finishing("stop", "")) {
            openAi(scripted, "llama3.1:8b");
            JsonNode body = sent(scripted);

            assertThat(body.path("temperature").asDouble()).isZero();
            assertThat(body.has("max_completion_tokens")).isFalse();
            assertThat(body.path("max_tokens").asInt()).isEqualTo(SEO.output().maxTokens());
            assertThat(body.path("response_format").path("json_schema").path("strict").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void azureIsCalledAtItsAddressWithItsHeader() throws Exception {
        try (ScriptedProvider scripted = finishing("stop", "")) {
            Deployment azure =
                    new Deployment(
                            "m",
                            "azure-0",
                            "gpt-4.1-mini",
                            ModelTraits.of("gpt-4.1-mini"),
                            new Endpoint(
                                    Provider.AZURE,
                                    scripted.url("/openai/v1"),
                                    new Secret("azure-key"),
                                    "our-deployment",
                                    Duration.ofSeconds(5)),
                            ProviderLimits.unknown());

            assertThat(ask(azure)).isInstanceOf(ModelReply.Answered.class);
            assertThat(scripted.requests().getFirst())
                    .startsWith("/openai/v1/chat/completions\n")
                    .containsIgnoringCase("api-key: [azure-key]")
                    .doesNotContain("Bearer");
            assertThat(sent(scripted).path("model").asString()).isEqualTo("our-deployment");
        }
    }

    @Test
    void usageIsReadByKind() throws Exception {
        String usage =
                """
                ,"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,
                 "prompt_tokens_details":{"cached_tokens":600},
                 "completion_tokens_details":{"reasoning_tokens":150}}
                """;
        try (ScriptedProvider scripted = finishing("stop", usage)) {
            assertThat(answered(openAi(scripted, "gpt-5")).usage())
                    .contains(new TokenUsage(1_000, 600, 0, 200, 150));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stop, STOP",
        "length, LENGTH",
        "content_filter, CONTENT_FILTER",
        "tool_calls, OTHER",
        "brand_new, OTHER",
    })
    void finishReasonsAreReported(String said, FinishReason finish) throws Exception {
        try (ScriptedProvider scripted = finishing(said, "")) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).finish()).isEqualTo(finish);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1,\"total_tokens\":0}"
            })
    void answerWithImplausibleUsageIsStillAnAnswer(String usage) throws Exception {
        try (ScriptedProvider scripted = finishing("stop", usage)) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).usage()).isEmpty();
        }
    }

    @Test
    void limitsAreReadFromTheHeaders() throws Exception {
        Map<String, String> said =
                Map.of(
                        "x-ratelimit-limit-requests", "500",
                        "x-ratelimit-remaining-requests", "499",
                        "x-ratelimit-reset-requests", "120ms",
                        "x-ratelimit-limit-tokens", "30000",
                        "x-ratelimit-remaining-tokens", "29000",
                        "x-ratelimit-reset-tokens", "1h6m0.5s");
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, said, COMPLETION.formatted("stop", ""))) {
            RateLimits limits = answered(openAi(scripted, "gpt-4.1-mini")).limits();

            assertThat(limits.requests())
                    .contains(new RateLimits.Window(500, 499, Optional.of(Duration.ofMillis(120))));
            assertThat(limits.tokens())
                    .contains(
                            new RateLimits.Window(
                                    30_000,
                                    29_000,
                                    Optional.of(Duration.ofMinutes(66).plusMillis(500))));
        }
    }

    @Test
    void callNamesTheCurrentSpanAndNothingWithoutOne() throws Exception {
        SpanContext span =
                SpanContext.create(
                        "0af7651916cd43dd8448eb211c80319c",
                        "b7ad6b7169203331",
                        TraceFlags.getSampled(),
                        TraceState.getDefault());
        try (ScriptedProvider scripted = finishing("stop", "")) {
            var _ = answered(openAi(scripted, "gpt-4.1-mini"));
            try (Scope _ = Span.wrap(span).makeCurrent()) {
                var _ = answered(openAi(scripted, "gpt-4.1-mini"));
            }

            assertThat(scripted.requests().getFirst()).doesNotContainIgnoringCase("traceparent");
            assertThat(scripted.requests().getLast())
                    .containsIgnoringCase(
                            "traceparent: [00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01]");
        }
    }

    private static ScriptedProvider finishing(String reason, String usage) {
        return ScriptedProvider.answering(200, Map.of(), COMPLETION.formatted(reason, usage));
    }
}
