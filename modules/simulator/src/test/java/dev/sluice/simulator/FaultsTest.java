package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each fault costs, and its status and headers as a client receives them. */
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
