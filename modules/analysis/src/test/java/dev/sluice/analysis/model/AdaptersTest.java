package dev.sluice.analysis.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.transport.Transport;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Both adapters over real HTTP, against the simulator and against scripted answers. */
class AdaptersTest {
    private static final String COMPLETION =
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m",
             "choices":[{"index":0,"finish_reason":"%s","logprobs":null,
               "message":{"role":"assistant","content":"{}","refusal":null}}]%s}
            """;
    private static final String MESSAGE =
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"m",
             "content":[{"type":"text","text":"{}"}],"stop_reason":"%s","stop_sequence":null%s}
            """;

    private final AnalysisDefinition seo =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-4.1-mini",
                "gpt-5",
                "gpt-4o-2024-05-13",
                "gpt-4",
                "claude-haiku-4-5",
                "claude-3-haiku-20240307"
            })
    void everyFormOfStructuredOutputGetsAValidAnswer(String modelId) throws InterruptedException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            PreparedInput input = input();
            ModelReply reply = ask(simulator, modelId);

            assertThat(reply)
                    .isInstanceOfSatisfying(
                            ModelReply.Answered.class,
                            answered -> {
                                assertThat(answered.finish()).isEqualTo(FinishReason.STOP);
                                TokenUsage usage = answered.usage().orElseThrow();
                                assertThat(usage.input()).isPositive();
                                assertThat(usage.output()).isPositive();
                                assertThat(answered.responseId()).matches("(chatcmpl-|msg_).+");
                                assertThat(new Judge(seo.output()).judge(answered, input))
                                        .isInstanceOfSatisfying(
                                                Verdict.Valid.class,
                                                valid ->
                                                        assertThat(
                                                                        valid.output()
                                                                                .path("title_tag")
                                                                                .asString())
                                                                .isEqualTo("A page"));
                            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "throttled, Throttled",
        "error, Unavailable",
        "refusal, Refused",
        "length, Answered",
        "malformed, Answered",
    })
    void everyFaultHasItsReply(String fault, String reply) throws InterruptedException {
        for (String modelId :
                List.of("gpt-4.1-mini", "claude-haiku-4-5", "claude-3-haiku-20240307")) {
            SimulatorSettings settings =
                    SimulatorSettings.defaults().withFaults(FaultRates.parse(fault + "=1"), 1);
            try (Simulator simulator = Simulator.start(settings)) {
                assertThat(ask(simulator, modelId).getClass().getSimpleName())
                        .as(modelId)
                        .isEqualTo(reply);
                assertThat(simulator.requests()).as("no hidden retries").isEqualTo(1);
            }
        }
    }

    @Test
    void openAiUsageIsReadByKind() throws Exception {
        String usage =
                """
                ,"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,
                 "prompt_tokens_details":{"cached_tokens":600},
                 "completion_tokens_details":{"reasoning_tokens":150}}
                """;
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", usage))) {
            assertThat(answered(openAi(scripted, "gpt-5")).usage())
                    .contains(new TokenUsage(1_000, 600, 0, 200, 150));
        }
    }

    /** Anthropic's input tokens leave the cached ones out, ours contain them. */
    @Test
    void anthropicUsageIsReadByKind() throws Exception {
        String usage =
                """
                ,"usage":{"input_tokens":100,"cache_creation_input_tokens":30,
                 "cache_read_input_tokens":600,"output_tokens":200,
                 "output_tokens_details":{"thinking_tokens":50}}
                """;
        try (ScriptedProvider scripted = answering(MESSAGE.formatted("end_turn", usage))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).usage())
                    .contains(new TokenUsage(730, 600, 30, 200, 50));
        }
    }

    @Test
    void answerWithoutUsageIsStillAnAnswer() throws Exception {
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", ""))) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).usage()).isEmpty();
        }
        try (ScriptedProvider scripted = answering(MESSAGE.formatted("end_turn", ""))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).usage()).isEmpty();
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
    void openAiFinishReasons(String said, FinishReason finish) throws Exception {
        try (ScriptedProvider scripted = answering(COMPLETION.formatted(said, ""))) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).finish()).isEqualTo(finish);
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
    void anthropicStopReasons(String said, FinishReason finish) throws Exception {
        try (ScriptedProvider scripted = answering(MESSAGE.formatted(said, ""))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).finish())
                    .isEqualTo(finish);
        }
    }

    @Test
    void rateLimitsAreReadFromTheHeaders() throws Exception {
        Map<String, String> openAi =
                Map.of(
                        "x-ratelimit-limit-requests", "500",
                        "x-ratelimit-remaining-requests", "499",
                        "x-ratelimit-reset-requests", "120ms",
                        "x-ratelimit-limit-tokens", "30000",
                        "x-ratelimit-remaining-tokens", "29000",
                        "x-ratelimit-reset-tokens", "1h6m0.5s");
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, openAi, COMPLETION.formatted("stop", ""))) {
            RateLimits limits = answered(openAi(scripted, "gpt-4.1-mini")).limits();
            assertThat(limits.requests())
                    .contains(new RateLimits.Window(500, 499, Optional.of(Duration.ofMillis(120))));
            assertThat(limits.tokens().orElseThrow().reset())
                    .contains(Duration.ofMinutes(66).plusMillis(500));
        }
        Map<String, String> azure =
                Map.of(
                        "x-ratelimit-limit-requests", "-1",
                        "x-ratelimit-remaining-requests", "-1");
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, azure, COMPLETION.formatted("stop", ""))) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).limits())
                    .isEqualTo(RateLimits.NONE);
        }
        Map<String, String> anthropic =
                Map.of(
                        "anthropic-ratelimit-output-tokens-limit", "8000",
                        "anthropic-ratelimit-output-tokens-remaining", "7000",
                        "anthropic-ratelimit-output-tokens-reset", "2000-01-01T00:00:00Z");
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, anthropic, MESSAGE.formatted("end_turn", ""))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).limits().outputTokens())
                    .contains(new RateLimits.Window(8_000, 7_000, Optional.of(Duration.ZERO)));
        }
    }

    @Test
    void reasoningModelsAreSpokenToInTheirWay() throws Exception {
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", ""))) {
            openAi(scripted, "gpt-5-mini");
            JsonNode body = body(scripted);

            assertThat(body.has("temperature")).isFalse();
            assertThat(body.has("max_tokens")).isFalse();
            assertThat(body.path("max_completion_tokens").asInt())
                    .isEqualTo(seo.output().maxTokens());
        }
    }

    @Test
    void modelsOfCompatibleServersAreSpokenToInTheOldWay() throws Exception {
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", ""))) {
            openAi(scripted, "llama3.1:8b");
            JsonNode body = body(scripted);

            assertThat(body.path("temperature").asDouble()).isZero();
            assertThat(body.has("max_completion_tokens")).isFalse();
            assertThat(body.path("max_tokens").asInt()).isEqualTo(seo.output().maxTokens());
            assertThat(body.path("response_format").path("json_schema").path("strict").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void anthropicIsSentTheSchemaInItsOwnWay() throws Exception {
        try (ScriptedProvider scripted = answering(MESSAGE.formatted("end_turn", ""))) {
            anthropic(scripted, "claude-haiku-4-5");
            JsonNode newer = body(scripted);
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
        try (ScriptedProvider scripted = answering(MESSAGE.formatted("end_turn", ""))) {
            anthropic(scripted, "claude-3-haiku-20240307");
            JsonNode older = body(scripted);
            assertThat(older.path("tool_choice").path("name").asString()).isEqualTo("seo");
            assertThat(older.path("tools").path(0).path("input_schema").toString())
                    .contains("maxLength");
            assertThat(older.has("output_config")).isFalse();
        }
    }

    @Test
    void countsThatMakeNoSenseAreNoUsage() throws Exception {
        String usage =
                ",\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1,\"total_tokens\":0}";
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", usage))) {
            assertThat(answered(openAi(scripted, "gpt-4.1-mini")).usage()).isEmpty();
        }
        String tokens = ",\"usage\":{\"input_tokens\":-9,\"output_tokens\":1}";
        try (ScriptedProvider scripted = answering(MESSAGE.formatted("end_turn", tokens))) {
            assertThat(answered(anthropic(scripted, "claude-haiku-4-5")).usage()).isEmpty();
        }
    }

    @Test
    void toolThatIsCalledWithoutInputIsALostAnswer() throws Exception {
        String body =
                """
                {"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"tool_use",
                 "content":[{"type":"tool_use","id":"t","name":"seo"}],"stop_sequence":null,
                 "usage":{"input_tokens":1,"output_tokens":1}}
                """;
        try (ScriptedProvider scripted = answering(body)) {
            assertThat(anthropic(scripted, "claude-3-haiku-20240307"))
                    .isInstanceOfSatisfying(
                            ModelReply.Unavailable.class,
                            lost -> assertThat(lost.answerLost()).isTrue());
        }
    }

    @Test
    void azureIsCalledAtItsAddressWithItsHeader() throws Exception {
        try (ScriptedProvider scripted = answering(COMPLETION.formatted("stop", ""))) {
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
            try (Transport transport = Transport.start()) {
                OpenAiModel model = new OpenAiModel(azure, transport, InstantSource.system());
                assertThat(model.ask(request(), UUID.randomUUID()))
                        .isInstanceOf(ModelReply.Answered.class);
            }
            assertThat(scripted.requests().getFirst())
                    .startsWith("/openai/v1/chat/completions\n")
                    .containsIgnoringCase("api-key: [azure-key]")
                    .doesNotContain("Bearer");
            assertThat(body(scripted).path("model").asString()).isEqualTo("our-deployment");
        }
    }

    @Test
    void cancelledCallIsNoReply() throws Exception {
        try (ScriptedProvider scripted = ScriptedProvider.silent()) {
            Deployment deployment =
                    Deployments.of(
                            Provider.ANTHROPIC,
                            scripted.url(""),
                            "claude-haiku-4-5",
                            Duration.ofMinutes(1));
            try (Transport transport = Transport.start()) {
                AnthropicModel model =
                        new AnthropicModel(deployment, transport, InstantSource.system());
                AtomicBoolean cancelled = new AtomicBoolean();
                Thread call =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        model.ask(request(), UUID.randomUUID());
                                    } catch (InterruptedException e) {
                                        cancelled.set(true);
                                    }
                                });
                await().until(() -> !scripted.requests().isEmpty());
                call.interrupt();
                assertThat(call.join(Duration.ofSeconds(5))).isTrue();
                assertThat(cancelled).isTrue();
            }
        }
    }

    @Test
    void secretIsNeverShown() {
        assertThat(Deployments.named("m").toString()).doesNotContain("sk-secret");
    }

    private static ScriptedProvider answering(String body) {
        return ScriptedProvider.answering(200, Map.of("Content-Type", "application/json"), body);
    }

    private static JsonNode body(ScriptedProvider scripted) {
        String request = scripted.requests().getFirst();
        return JsonMapper.shared().readTree(request.substring(request.indexOf("\n\n") + 2));
    }

    private static ModelReply.Answered answered(ModelReply reply) {
        assertThat(reply).isInstanceOf(ModelReply.Answered.class);
        return (ModelReply.Answered) reply;
    }

    private ModelReply openAi(ScriptedProvider scripted, String modelId)
            throws InterruptedException {
        return ask(Provider.OPENAI, scripted.url("/v1"), modelId);
    }

    private ModelReply anthropic(ScriptedProvider scripted, String modelId)
            throws InterruptedException {
        return ask(Provider.ANTHROPIC, scripted.url(""), modelId);
    }

    private ModelReply ask(Simulator simulator, String modelId) throws InterruptedException {
        return modelId.startsWith("claude")
                ? ask(Provider.ANTHROPIC, simulator.anthropicBaseUrl(), modelId)
                : ask(Provider.OPENAI, simulator.baseUrl(), modelId);
    }

    private ModelReply ask(Provider provider, URI baseUrl, String modelId)
            throws InterruptedException {
        Deployment deployment = Deployments.of(provider, baseUrl, modelId, Duration.ofSeconds(20));
        if (provider == Provider.ANTHROPIC) {
            try (Transport transport = Transport.start()) {
                AnthropicModel model =
                        new AnthropicModel(deployment, transport, InstantSource.system());
                return model.ask(request(), UUID.randomUUID());
            }
        }
        try (Transport transport = Transport.start()) {
            OpenAiModel model = new OpenAiModel(deployment, transport, InstantSource.system());
            return model.ask(request(), UUID.randomUUID());
        }
    }

    private PreparedInput input() {
        return new InputPreparer(seo.input(), TokenCounter.of(List.of(ModelTraits.UNKNOWN)))
                .prepare("<title>A page</title><h1>Hi</h1>");
    }

    private ModelRequest request() {
        PromptWriter prompts = new PromptWriter(seo);
        return prompts.request(prompts.ask(input()));
    }
}
