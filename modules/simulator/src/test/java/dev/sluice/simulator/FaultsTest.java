package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every fault as a client receives it. */
class FaultsTest {
    /** Faults for which the model is not called. */
    private static final Set<String> NOT_CHARGED =
            Set.of(
                    "throttled",
                    "error",
                    "throttled-no-retry-after",
                    "retry-after-3s",
                    "retry-after-2.5s",
                    "retry-after-2.5",
                    "retry-after-date",
                    "retry-after-rfc850",
                    "retry-after-asctime",
                    "retry-after-ms",
                    "retry-delay",
                    "try-again-in",
                    "try-again-in-ms",
                    "status-408",
                    "status-409",
                    "status-424",
                    "status-425",
                    "status-498",
                    "status-502",
                    "status-503",
                    "status-504",
                    "status-520",
                    "status-524",
                    "status-529",
                    "overloaded-400",
                    "error-in-200-402",
                    "error-in-200-429",
                    "error-in-200-502",
                    "error-in-choice",
                    "key-400",
                    "key-expired-400",
                    "key-400-xai",
                    "key-401",
                    "region-400",
                    "forbidden-403",
                    "model-400",
                    "model-400-litellm",
                    "model-404",
                    "budget-400",
                    "budget-429",
                    "credits-400",
                    "credits-402",
                    "credits-429",
                    "too-large-413",
                    "too-large-400",
                    "status-204",
                    "html-200");

    /** Faults whose usage is missing or not credible. */
    private static final Set<String> USAGE_UNKNOWN =
            Set.of(
                    "usage-zero",
                    "usage-input-zero",
                    "usage-output-zero",
                    "usage-missing",
                    "usage-null",
                    "usage-huge",
                    "usage-negative",
                    "failed-generation",
                    "empty-body");

    /** Faults whose body is not JSON; each has its own test. */
    private static final Set<String> PACKED =
            Set.of(
                    "nan",
                    "control-characters",
                    "raw-newlines",
                    "byte-order-mark",
                    "event-stream",
                    "gzip",
                    "deflate");

    static Stream<String> labels() {
        return Fault.groups().stream().flatMap(group -> group.faults().stream()).map(Fault::label);
    }

    @ParameterizedTest
    @MethodSource("labels")
    void chargedAmountIsWhatACarefulReaderBooks(String label) throws Exception {
        for (boolean chat : List.of(true, false)) {
            SimulatorSettings settings =
                    SimulatorSettings.defaults().withFaults(FaultRates.parse(label + "=1"), 1);
            try (Simulator simulator = Simulator.start(settings)) {
                Caller caller = new Caller(simulator);
                Caller.Answer answer = chat ? caller.chat() : caller.message();
                boolean applies = chat || !ofChatOnly(label);
                boolean charged = !NOT_CHARGED.contains(label) || !applies;
                assertThat(simulator.requests()).isEqualTo(1);
                assertThat(simulator.chargedRequests()).as("charged").isEqualTo(charged ? 1 : 0);
                assertThat(simulator.billedUsd().signum()).isEqualTo(charged ? 1 : 0);
                if (charged && !USAGE_UNKNOWN.contains(label) && !PACKED.contains(label)) {
                    assertThat(CarefulReader.booked(answer.json()))
                            .isEqualByComparingTo(simulator.billedUsd());
                }
            }
        }
    }

    private static JsonNode usage(String label) throws Exception {
        return Caller.ofFault(label, true).json().path("usage");
    }

    private static boolean ofChatOnly(String label) {
        return Fault.labelled(label).description().endsWith("(OpenAI only)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    throttled                | 429 | /error/code | rate_limit_exceeded
                    error                    | 500 | /error/code | server_error
                    refusal                  | 200 | /choices/0/message/refusal | I'm sorry, but I can't help with that.
                    length                   | 200 | /choices/0/finish_reason | length
                    throttled-no-retry-after | 429 | /error/code | rate_limit_exceeded
                    status-408               | 408 | /error/code | request_timeout
                    status-409               | 409 | /error/code | conflict
                    status-424               | 424 | /error/code | failed_dependency
                    status-425               | 425 | /error/code | too_early
                    status-498               | 498 | /error/code | capacity_exceeded
                    status-503               | 503 | /error/code | server_overloaded
                    status-529               | 529 | /error/type | overloaded_error
                    overloaded-400           | 400 | /error/code | engine_overloaded_error
                    error-in-200-402         | 200 | /error/code | 402
                    error-in-200-429         | 200 | /error/code | 429
                    error-in-200-502         | 200 | /error/code | 502
                    error-in-choice          | 200 | /choices/0/error/code | 502
                    key-400                  | 400 | /0/error/details/0/reason | API_KEY_INVALID
                    key-expired-400          | 400 | /0/error/message | API key expired. Please renew the API key.
                    key-400-xai              | 400 | /code | Client specified an invalid argument
                    key-401                  | 401 | /error/code | invalid_api_key
                    region-400               | 400 | /0/error/status | FAILED_PRECONDITION
                    forbidden-403            | 403 | /error/code | model_not_found
                    model-400                | 400 | /error/message | made-up is not a valid model ID
                    model-400-litellm        | 400 | /error/code | 400
                    model-404                | 404 | /error/code | DeploymentNotFound
                    budget-400               | 400 | /error/type | budget_exceeded
                    budget-429               | 429 | /error/code | 429
                    credits-400              | 400 | /error/type | invalid_request_error
                    credits-402              | 402 | /error/message | Insufficient Balance
                    credits-429              | 429 | /error/code | insufficient_quota
                    usage-zero               | 200 | /usage/total_tokens | 0
                    usage-input-zero         | 200 | /usage/prompt_tokens | 0
                    usage-output-zero        | 200 | /usage/completion_tokens | 0
                    usage-huge               | 200 | /usage/prompt_tokens | 9007199254740993
                    usage-negative           | 200 | /usage/completion_tokens | -1
                    tier-priority            | 200 | /service_tier | priority
                    tier-flex                | 200 | /service_tier | flex
                    content-parts            | 200 | /choices/0/message/content/0/type | thinking
                    content-text-parts       | 200 | /choices/0/message/content/1/type | text
                    failed-generation        | 400 | /error/code | json_validate_failed
                    too-large-413            | 413 | /error/type | tokens
                    too-large-400            | 400 | /error/code | context_length_exceeded
                    finish-model_length      | 200 | /choices/0/finish_reason | model_length
                    finish-max_tokens        | 200 | /choices/0/finish_reason | max_tokens
                    finish-MAX_TOKENS        | 200 | /choices/0/finish_reason | MAX_TOKENS
                    finish-error             | 200 | /choices/0/finish_reason | error
                    finish-abort             | 200 | /choices/0/finish_reason | abort
                    finish-eos               | 200 | /choices/0/finish_reason | eos
                    finish-null              | 200 | /choices/0/finish_reason | ''
                    status-202               | 202 | /choices/0/finish_reason | stop
                    blank-lines              | 200 | /choices/0/finish_reason | stop
                    finish-insufficient_system_resource | 200 | /choices/0/finish_reason | insufficient_system_resource
                    """)
    void chatCompletionsHaveStatusAndField(String label, int status, String pointer, String value)
            throws Exception {
        Caller.Answer answer = Caller.ofFault(label, true);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.at(pointer)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    throttled         | 429 | /error/type | rate_limit_error
                    status-529        | 529 | /error/type | overloaded_error
                    error-in-200-402  | 200 | /error/type | billing_error
                    error-in-200-429  | 200 | /type | error
                    credits-400       | 400 | /error/type | invalid_request_error
                    usage-zero        | 200 | /usage/input_tokens | 0
                    usage-output-zero | 200 | /usage/output_tokens | 0
                    tier-priority     | 200 | /usage/service_tier | priority
                    geo-us            | 200 | /usage/inference_geo | us
                    content-parts     | 200 | /content/0/type | thinking
                    finish-abort      | 200 | /stop_reason | abort
                    finish-null       | 200 | /stop_reason | ''
                    error-in-choice   | 200 | /stop_reason | end_turn
                    """)
    void messagesHaveStatusAndField(String label, int status, String pointer, String value)
            throws Exception {
        Caller.Answer answer = Caller.ofFault(label, false);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.at(pointer)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "throttled, retry-after, 1.001",
        "throttled-no-retry-after, retry-after, ''",
        "retry-after-3s, retry-after, 3s",
        "retry-after-2.5s, retry-after, 2.5s",
        "retry-after-2.5, retry-after, 2.5",
        "retry-after-ms, retry-after-ms, 1500",
        "retry-after-ms, retry-after, ''",
        "retry-delay, retry-after, ''",
        "try-again-in, retry-after, ''",
        "reset-7.66ms, x-ratelimit-reset-requests, 7.66ms",
        "reset-60, x-ratelimit-reset-requests, 60",
        "reset-1m0.5s, x-ratelimit-reset-requests, 1m0.5s",
        "gzip, content-encoding, gzip",
        "deflate, content-encoding, deflate",
        "event-stream, content-type, text/event-stream",
        "html-200, content-type, text/html; charset=utf-8"
    })
    void throttlingHeadersHaveTheirForm(String label, String header, String value)
            throws Exception {
        assertThat(Caller.ofFault(label, true).header(header)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "retry-after-date, 'EEE, dd MMM yyyy HH:mm:ss ''GMT'''",
        "retry-after-rfc850, 'EEEE, dd-MMM-yy HH:mm:ss ''GMT'''",
        "retry-after-asctime, EEE MMM ppd HH:mm:ss yyyy"
    })
    void datesAreTwoSecondsAheadInEveryFormOfHttp(String label, String form) throws Exception {
        String said = Caller.ofFault(label, true).header("retry-after");

        Instant later =
                LocalDateTime.parse(said, DateTimeFormatter.ofPattern(form, Locale.ROOT))
                        .toInstant(ZoneOffset.UTC);
        assertThat(Duration.between(Instant.now(), later))
                .isBetween(Duration.ofSeconds(-1), Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    retry-delay     | "retryDelay":"2.59s"
                    try-again-in    | Please try again in 2.59s.
                    try-again-in-ms | Please try again in 820ms.
                    status-502      | <h1>502 Bad Gateway</h1>
                    status-504      | <h1>504 Gateway Time-out</h1>
                    status-520      | <h1>520 Web server
                    status-524      | <h1>524 A timeout occurred</h1>
                    html-200        | <h1>Sign in</h1>
                    nan             | "x_score":NaN
                    fenced          | ```json\\n{
                    think-block     | <think>\\nFirst I look at {\\"title_tag\\"
                    """)
    void bodiesHaveTheirText(String label, String words) throws Exception {
        assertThat(Caller.ofFault(label, true).text()).contains(words);
    }

    @Test
    void reasoningIsReportedWithinOutsideInTheTotalOnlyAndAlone() throws Exception {
        JsonNode inside = usage("reasoning");
        JsonNode outside = usage("reasoning-outside");
        JsonNode total = usage("reasoning-total-only");
        JsonNode alone = usage("reasoning-only");

        long all = inside.path("completion_tokens").asLong();
        assertThat(inside.at("/completion_tokens_details/reasoning_tokens").asLong()).isEqualTo(60);
        assertThat(outside.path("completion_tokens").asLong()).isEqualTo(all - 60);
        assertThat(outside.at("/completion_tokens_details/reasoning_tokens").asLong())
                .isEqualTo(60);
        assertThat(total.path("completion_tokens").asLong()).isEqualTo(all - 60);
        assertThat(total.has("completion_tokens_details")).isFalse();
        assertThat(alone.path("completion_tokens").asLong()).isZero();
        assertThat(alone.at("/completion_tokens_details/reasoning_tokens").asLong()).isEqualTo(60);
        for (JsonNode usage : List.of(inside, outside, total, alone)) {
            assertThat(usage.path("total_tokens").asLong())
                    .isEqualTo(usage.path("prompt_tokens").asLong() + all);
        }
    }

    @Test
    void cacheHitsAreReportedInEveryProvidersFields() throws Exception {
        long half = usage("cache-hit").at("/prompt_tokens_details/cached_tokens").asLong();
        JsonNode deepSeek = usage("cache-hit-tokens");
        JsonNode moonshot = usage("cached-tokens");

        assertThat(half).isPositive();
        assertThat(deepSeek.path("prompt_cache_hit_tokens").asLong()).isEqualTo(half);
        assertThat(deepSeek.path("prompt_cache_miss_tokens").asLong())
                .isEqualTo(deepSeek.path("prompt_tokens").asLong() - half);
        assertThat(moonshot.path("cached_tokens").asLong()).isEqualTo(half);
        assertThat(List.of(deepSeek, moonshot))
                .noneMatch(usage -> usage.has("prompt_tokens_details"));
    }

    @Test
    void cacheReadsAndWritesAreOutsideOfAnthropicsInputTokens() throws Exception {
        JsonNode read = Caller.ofFault("cache-hit", false).json().path("usage");
        JsonNode written = Caller.ofFault("cache-write", false).json().path("usage");
        JsonNode hour = Caller.ofFault("cache-write-hour", false).json().path("usage");

        assertThat(read.path("cache_read_input_tokens").asLong()).isPositive();
        assertThat(written.at("/cache_creation/ephemeral_5m_input_tokens").asLong()).isPositive();
        assertThat(hour.at("/cache_creation/ephemeral_1h_input_tokens").asLong()).isPositive();
        assertThat(hour.path("cache_creation_input_tokens").asLong()).isPositive();
    }

    @Test
    void usageIsMissingOrNull() throws Exception {
        assertThat(Caller.ofFault("usage-missing", true).json().has("usage")).isFalse();
        assertThat(Caller.ofFault("usage-null", true).json().path("usage").isNull()).isTrue();
    }

    @Test
    void partsHaveTheWholeAnswerTogether() throws Exception {
        JsonNode halves = Caller.ofFault("content-text-parts", true).json();
        JsonNode thought = Caller.ofFault("content-parts", true).json();

        JsonNode parts = halves.at("/choices/0/message/content");
        String joined = parts.at("/0/text").asString() + parts.at("/1/text").asString();
        assertThat(JsonMapper.shared().readTree(joined).has("title")).isTrue();
        assertThat(thought.at("/choices/0/message/content/0/thinking/0/text").asString())
                .contains("{ h1, h2 }");
        assertThat(
                        JsonMapper.shared()
                                .readTree(
                                        thought.at("/choices/0/message/content/1/text").asString())
                                .has("title"))
                .isTrue();
    }

    @Test
    void thinkingStandsBeforeTheAnswerOrBesideIt() throws Exception {
        String block = Caller.ofFault("think-block", true).at("/choices/0/message/content");
        String fenced = Caller.ofFault("think-block-fenced", true).at("/choices/0/message/content");
        Caller.Answer beside = Caller.ofFault("reasoning-content", true);

        assertThat(block).startsWith("<think>").contains("</think>").endsWith("}");
        assertThat(fenced).startsWith("<think>").endsWith("\n```");
        assertThat(beside.at("/choices/0/message/reasoning_content")).contains("{ h1, h2 }");
        assertThat(beside.at("/choices/0/message/content")).startsWith("{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"malformed", "out-of-range", "failed-generation"})
    void answersAreSpoilt(String label) throws Exception {
        Caller.Answer answer = Caller.ofFault(label, true);
        String said =
                label.equals("failed-generation")
                        ? answer.at("/error/failed_generation")
                        : answer.at("/choices/0/message/content");

        assertThat(said).startsWith("{\"title\"");
        if (label.equals("out-of-range")) {
            assertThat(said).contains("1000000007");
        } else {
            assertThat(said).doesNotEndWith("}");
        }
    }

    @Test
    void controlCharactersAndLineEndsAreRaw() throws Exception {
        assertThat(Caller.ofFault("control-characters", true).text())
                .contains("\"a\tb\nc\u0001d\"");
        assertThat(Caller.ofFault("raw-newlines", true).text()).contains("{\n");
        assertThat(Caller.ofFault("byte-order-mark", true).text()).startsWith("\ufeff{");
        assertThat(Caller.ofFault("blank-lines", true).text()).startsWith("\n\n\n{");
    }

    @Test
    void bodiesAreEmpty() throws Exception {
        assertThat(Caller.ofFault("status-204", true).status()).isEqualTo(204);
        assertThat(Caller.ofFault("status-204", true).body()).isEmpty();
        assertThat(Caller.ofFault("empty-body", true).body()).isEmpty();
    }

    @Test
    void packedAnswersAreWholeOnceUnpacked() throws Exception {
        byte[] gzip = Caller.ofFault("gzip", true).body();
        byte[] deflate = Caller.ofFault("deflate", true).body();

        assertThat(
                        JsonMapper.shared()
                                .readTree(new GZIPInputStream(new ByteArrayInputStream(gzip)))
                                .has("choices"))
                .isTrue();
        assertThat(
                        JsonMapper.shared()
                                .readTree(
                                        new InflaterInputStream(new ByteArrayInputStream(deflate)))
                                .has("choices"))
                .isTrue();
    }

    @Test
    void eventsHaveTheWholeAnswerAndItsUsage() throws Exception {
        List<String> chunks =
                Caller.ofFault("event-stream", true)
                        .text()
                        .lines()
                        .filter(line -> line.startsWith("data: "))
                        .map(line -> line.substring(6))
                        .toList();
        assertThat(chunks.getLast()).isEqualTo("[DONE]");
        StringBuilder text = new StringBuilder();
        for (String chunk : chunks.subList(0, chunks.size() - 1)) {
            JsonNode json = JsonMapper.shared().readTree(chunk);
            text.append(json.at("/choices/0/delta/content").asString(""));
        }
        assertThat(JsonMapper.shared().readTree(text.toString()).has("title")).isTrue();
        assertThat(chunks.get(chunks.size() - 2)).contains("\"prompt_tokens\":");
        assertThat(Caller.ofFault("event-stream", false).text())
                .contains("event: content_block_delta\ndata: {")
                .contains("\"text_delta\"")
                .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void unknownNamesGetTheNearestOneOrAll() {
        assertThatThrownBy(() -> FaultRates.parse("usage-misssing=0.1"))
                .hasMessage("unknown fault 'usage-misssing'; did you mean 'usage-missing'?");
        assertThatThrownBy(() -> FaultRates.parse("elephant=0.1"))
                .hasMessageContaining("known are throttled, error, malformed");
    }

    @Test
    void everyListedNameIsAFault() {
        Set<String> listed = new TreeSet<>(NOT_CHARGED);
        listed.addAll(USAGE_UNKNOWN);
        listed.addAll(PACKED);
        assertThat(labels().toList()).containsAll(listed).doesNotHaveDuplicates();
    }
}
