package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.simulator.Caller.Answer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every dialect as a client receives it. */
class ServerDialectTest {
    static Stream<String> labels() {
        return ServerDialect.all().stream().map(ServerDialect::label);
    }

    private static SimulatorSettings settings(String label) {
        return SimulatorSettings.defaults().withDialect(ServerDialect.labelled(label));
    }

    @ParameterizedTest
    @MethodSource("labels")
    void everyServerAnswersAtItsOwnPathAndChargesWhatACarefulReaderBooks(String label)
            throws Exception {
        try (Simulator simulator = Simulator.start(settings(label))) {
            Caller caller = new Caller(simulator);
            Answer answer = caller.chat();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().at("/choices/0/message").has("content")).isTrue();
            Answer message = caller.message();
            assertThat(message.status()).isEqualTo(200);
            assertThat(simulator.chargedRequests()).isEqualTo(2);
            assertThat(
                            CarefulReader.booked(answer.json())
                                    .add(CarefulReader.booked(message.json())))
                    .isEqualByComparingTo(simulator.billedUsd());
        }
    }

    @ParameterizedTest
    @MethodSource("labels")
    void faultsTakePrecedenceOverEveryDialect(String label) throws Exception {
        for (String fault :
                List.of(
                        "reasoning",
                        "reasoning-outside",
                        "reasoning-only",
                        "cache-hit",
                        "cache-hit-tokens",
                        "cached-tokens",
                        "tier-priority",
                        "tier-flex",
                        "content-parts",
                        "blank-lines")) {
            SimulatorSettings settings =
                    settings(label).withFaults(FaultRates.parse(fault + "=1"), 1);
            try (Simulator simulator = Simulator.start(settings)) {
                Answer answer = new Caller(simulator).chat();
                assertThat(CarefulReader.booked(answer.json()))
                        .as(fault)
                        .isEqualByComparingTo(simulator.billedUsd());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    openai     | /v1             | /service_tier | default
                    azure      | /openai/v1      | /choices/0/content_filter_results/hate/severity | safe
                    gemini     | /v1beta/openai  | /object | chat.completion
                    mistral    | /v1             | /object | chat.completion
                    groq       | /openai/v1      | /service_tier | on_demand
                    deepseek   | ''              | /object | chat.completion
                    xai        | /v1             | /usage/num_sources_used | 0
                    openrouter | /api/v1         | /choices/0/native_finish_reason | stop
                    litellm    | /v1             | /object | chat.completion
                    vllm       | /v1             | /prompt_logprobs | ''
                    ollama     | /v1             | /system_fingerprint | fp_ollama
                    anthropic  | /v1             | /object | chat.completion
                    """)
    void everyServerHasItsPathAndFields(String label, String path, String pointer, String value)
            throws Exception {
        try (Simulator simulator = Simulator.start(settings(label))) {
            assertThat(simulator.baseUrl().getPath()).isEqualTo(path);
            Answer answer = new Caller(simulator).chat();
            assertThat(answer.json().at(pointer).isMissingNode()).isFalse();
            assertThat(answer.at(pointer)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    openai     | 401 | /error/code | invalid_api_key
                    azure      | 401 | /error/code | 401
                    gemini     | 400 | /0/error/status | INVALID_ARGUMENT
                    mistral    | 401 | /message | Unauthorized
                    groq       | 401 | /error/message | Invalid API Key
                    deepseek   | 401 | /error/type | authentication_error
                    xai        | 400 | /error | Incorrect API key provided: invalid. You can obtain an API key from https://console.x.ai.
                    openrouter | 401 | /error/code | 401
                    litellm    | 401 | /error/type | auth_error
                    vllm       | 401 | /error/code | 401
                    ollama     | 401 | /error/message | invalid
                    """)
    void invalidKeyIsRejectedInTheServersWords(
            String label, int status, String pointer, String value) throws Exception {
        try (Simulator simulator = Simulator.start(settings(label))) {
            Answer answer = new Caller(simulator).chat("invalid", Caller.chatBody("gpt-4.1-mini"));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.at(pointer)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    openai     | 404 | /error/code | model_not_found
                    azure      | 404 | /error/code | DeploymentNotFound
                    gemini     | 404 | /0/error/status | NOT_FOUND
                    mistral    | 400 | /code | 1500
                    groq       | 404 | /error/code | model_not_found
                    deepseek   | 400 | /error/message | Model Not Exist
                    xai        | 404 | /code | Some requested entity was not found
                    openrouter | 400 | /error/message | made-up is not a valid model ID
                    litellm    | 400 | /error/param | None
                    vllm       | 404 | /error/type | NotFoundError
                    ollama     | 404 | /error/message | model 'made-up' not found
                    """)
    void unknownModelIsRejectedInTheServersWords(
            String label, int status, String pointer, String value) throws Exception {
        try (Simulator simulator = Simulator.start(settings(label))) {
            Answer answer = new Caller(simulator).chat("k", Caller.chatBody("made-up"));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.at(pointer)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    openai     | retry-after       | \\d+       | try again in [\\d.]+m?s
                    openai     | retry-after-ms    | \\d+       | rate_limit_exceeded
                    azure      | retry-after-ms    | \\d+       | retry after \\d+ seconds
                    gemini     | retry-after       | ''        | "retryDelay":"[\\d.]+s"
                    mistral    | retry-after       | ''        | "code":"1300"
                    groq       | retry-after       | \\d+       | try again in [\\d.]+m?s
                    deepseek   | retry-after       | ''        | rate_limit_exceeded
                    xai        | retry-after       | ''        | resource has been exhausted
                    openrouter | x-ratelimit-reset | \\d{13}    | per-minute
                    litellm    | retry-after       | \\d+       | litellm.RateLimitError
                    """)
    void everyServerReportsTheTimeToWaitInItsOwnForm(
            String label, String header, String value, String words) throws Exception {
        QuotaPolicy tiny = QuotaPolicy.parse("100:bucket:60s");
        try (Simulator simulator = Simulator.start(settings(label).withQuota(tiny))) {
            Answer answer = new Caller(simulator).chat();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.header(header)).matches(value);
            assertThat(answer.text()).containsPattern(words);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "plain, x-ratelimit-reset-tokens, \\d+ms",
        "openai, x-ratelimit-reset-tokens, '(\\d+m)?[\\d.]+(ms|s)'",
        "azure, x-ratelimit-remaining-requests, -1",
        "gemini, x-ratelimit-limit-tokens, ''",
        "mistral, x-ratelimit-limit-tokens-minute, 1000000",
        "groq, x-ratelimit-reset-tokens, '(\\d+m)?[\\d.]+(ms|s)'",
        "deepseek, x-ratelimit-limit-tokens, ''",
        "xai, x-ratelimit-remaining-tokens, \\d+",
        "openrouter, x-ratelimit-limit-tokens, ''",
        "litellm, llm_provider-x-ratelimit-limit-tokens, 1000000",
        "vllm, x-ratelimit-limit-tokens, ''",
        "ollama, x-ratelimit-limit-tokens, ''"
    })
    void limitsAreReportedInTheServersHeaders(String label, String header, String value)
            throws Exception {
        SimulatorSettings settings =
                label.equals("plain") ? SimulatorSettings.defaults() : settings(label);
        QuotaPolicy policy = QuotaPolicy.parse("1000000:bucket:60s");
        try (Simulator simulator = Simulator.start(settings.withQuota(policy))) {
            assertThat(new Caller(simulator).chat().header(header)).matches(value);
        }
    }

    @Test
    void usageIsReportedInEachServersForm() throws Exception {
        JsonNode xai = usage("xai");
        assertThat(xai.path("total_tokens").asLong())
                .isEqualTo(
                        xai.path("prompt_tokens").asLong()
                                + xai.path("completion_tokens").asLong()
                                + xai.at("/completion_tokens_details/reasoning_tokens").asLong());
        JsonNode gemini = usage("gemini");
        assertThat(gemini.has("completion_tokens_details")).isFalse();
        assertThat(gemini.path("total_tokens").asLong())
                .isGreaterThan(
                        gemini.path("prompt_tokens").asLong()
                                + gemini.path("completion_tokens").asLong());
        assertThat(usage("deepseek").path("prompt_cache_hit_tokens").asLong()).isPositive();
        assertThat(usage("groq").has("queue_time")).isTrue();
        assertThat(usage("ollama").propertyNames())
                .containsExactly("prompt_tokens", "completion_tokens", "total_tokens");
    }

    private static JsonNode usage(String label) throws Exception {
        try (Simulator simulator = Simulator.start(settings(label))) {
            return new Caller(simulator).chat().json().path("usage");
        }
    }

    @Test
    void anthropicReportsTierAndRegion() throws Exception {
        try (Simulator simulator = Simulator.start(settings("anthropic"))) {
            Answer answer = new Caller(simulator).message();
            assertThat(answer.header("request-id")).startsWith("req_");
            assertThat(answer.at("/usage/service_tier")).isEqualTo("standard");
            assertThat(answer.at("/usage/inference_geo")).isEqualTo("global");
        }
    }

    @Test
    void deepSeekSendsEmptyLinesBeforeItsAnswer() throws Exception {
        try (Simulator simulator = Simulator.start(settings("deepseek"))) {
            assertThat(new Caller(simulator).chat().text()).startsWith("\n\n\n{");
        }
    }

    @Test
    void magistralAnswersInParts() throws Exception {
        SimulatorSettings settings =
                settings("mistral").withPrices(PriceList.shipped().with("magistral-small=0.5/1.5"));
        try (Simulator simulator = Simulator.start(settings)) {
            Answer answer = new Caller(simulator).chat("k", Caller.chatBody("magistral-small"));
            assertThat(answer.at("/choices/0/message/content/0/type")).isEqualTo("thinking");
        }
    }

    @Test
    void selfHostedServersNeedNoKey() throws Exception {
        for (String label : List.of("vllm", "ollama", "groq")) {
            try (Simulator simulator = Simulator.start(settings(label))) {
                int status =
                        new Caller(simulator).chat("", Caller.chatBody("gpt-4.1-mini")).status();
                assertThat(status).as(label).isEqualTo(label.equals("groq") ? 401 : 200);
            }
        }
    }

    @Test
    void requestedTierIsReportedAndCharged() throws Exception {
        try (Simulator simulator = Simulator.start(settings("openai"))) {
            Answer answer =
                    new Caller(simulator)
                            .chat("k", Caller.chatBody("gpt-4.1-mini").put("service_tier", "flex"));
            assertThat(answer.at("/service_tier")).isEqualTo("flex");
            assertThat(CarefulReader.booked(answer.json()))
                    .isEqualByComparingTo(simulator.billedUsd());
        }
    }

    @Test
    void modelsWithAddedPricesAreServed() throws Exception {
        PriceList prices = PriceList.shipped().with("llama=1/2/0.5");
        SimulatorSettings settings = settings("groq").withPrices(prices);
        try (Simulator simulator = Simulator.start(settings)) {
            Answer answer = new Caller(simulator).chat("k", Caller.chatBody("llama"));
            long input = answer.json().at("/usage/prompt_tokens").asLong();
            long output = answer.json().at("/usage/completion_tokens").asLong();
            assertThat(simulator.billedUsd().movePointRight(6))
                    .isEqualByComparingTo(String.valueOf(input + 2 * output));
        }
        for (String wrong : List.of("llama", "llama=1", "llama=a/b", "llama=1.2.3/4", "=1/2")) {
            assertThatThrownBy(() -> PriceList.shipped().with(wrong))
                    .hasMessageContaining("a price is MODEL=INPUT/OUTPUT");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "7660000, 7.66ms",
        "0, 0ms",
        "2590000000, 2.59s",
        "60500000000, 1m0.5s",
        "3600000000000, 1h0m0s"
    })
    void durationsAreWrittenAsInGo(long nanos, String text) {
        assertThat(GoDuration.of(Duration.ofNanos(nanos))).isEqualTo(text);
    }

    @Test
    void unknownNamesGetTheNearestOneOrAll() {
        assertThatThrownBy(() -> ServerDialect.labelled("grok"))
                .hasMessage("unknown dialect 'grok'; did you mean 'groq'?");
        assertThatThrownBy(() -> ServerDialect.labelled("bedrock"))
                .hasMessageContaining("known are openai, anthropic, azure");
    }
}
