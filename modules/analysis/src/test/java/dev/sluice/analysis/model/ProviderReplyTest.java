package dev.sluice.analysis.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.transport.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of what providers reply, row by row over real HTTP, with both adapters. */
class ProviderReplyTest {
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final String OPENAI_ERROR =
            "{\"error\":{\"message\":\"secret words\",\"type\":\"t\",\"code\":\"%s\",\"param\":null}}";
    private static final String ANTHROPIC_ERROR =
            "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"secret words\"}}";

    private final AnalysisDefinition seo =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    static Stream<Arguments> statuses() {
        return Stream.of(
                        Map.entry(400, ProviderReply.BAD_REQUEST),
                        Map.entry(401, ProviderReply.KEY_NOT_ACCEPTED),
                        Map.entry(402, ProviderReply.OUT_OF_FUNDS),
                        Map.entry(403, ProviderReply.NO_PERMISSION),
                        Map.entry(404, ProviderReply.NOT_FOUND),
                        Map.entry(408, ProviderReply.REQUEST_TIMEOUT),
                        Map.entry(409, ProviderReply.CONFLICT),
                        Map.entry(413, ProviderReply.TOO_LARGE),
                        Map.entry(418, ProviderReply.OTHER_CLIENT_ERROR),
                        Map.entry(422, ProviderReply.UNPROCESSABLE),
                        Map.entry(429, ProviderReply.RATE_LIMITED),
                        Map.entry(500, ProviderReply.SERVER_ERROR),
                        Map.entry(501, ProviderReply.OTHER_SERVER_ERROR),
                        Map.entry(502, ProviderReply.BAD_GATEWAY),
                        Map.entry(503, ProviderReply.SERVICE_UNAVAILABLE),
                        Map.entry(504, ProviderReply.GATEWAY_TIMEOUT),
                        Map.entry(524, ProviderReply.GATEWAY_TIMEOUT),
                        Map.entry(529, ProviderReply.OVERLOADED))
                .flatMap(row ->
                        Stream.of(Provider.OPENAI, Provider.ANTHROPIC)
                                .map(provider ->
                                        Arguments.of(provider, row.getKey(), row.getValue())));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void everyStatusBecomesWhatItsRowSays(Provider provider, int status, ProviderReply row)
            throws Exception {
        String body = (provider == Provider.ANTHROPIC ? ANTHROPIC_ERROR : OPENAI_ERROR);
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(status, JSON, body.formatted("some_code"))) {
            ModelReply reply = ask(provider, scripted);

            assertIs(reply, row);
            assertThat(reply.toString()).doesNotContain("secret words");
            assertThat(scripted.requests()).as("no hidden retries").hasSize(1);
        }
    }

    @Test
    void moneyUsedUpPausesTheDeploymentWhateverTheStatus() throws Exception {
        try (ScriptedProvider openAi =
                        ScriptedProvider.answering(
                                429, JSON, OPENAI_ERROR.formatted("insufficient_quota"));
                ScriptedProvider anthropic =
                        ScriptedProvider.answering(
                                400,
                                JSON,
                                ANTHROPIC_ERROR
                                        .formatted("invalid_request_error")
                                        .replace(
                                                "secret words",
                                                "Your credit balance is too low"))) {
            assertIs(ask(Provider.OPENAI, openAi), ProviderReply.OUT_OF_FUNDS);
            assertIs(ask(Provider.ANTHROPIC, anthropic), ProviderReply.OUT_OF_FUNDS);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OPENAI | 429 | {'error':{'code':null,'type':'insufficient_quota'}} | OUT_OF_FUNDS",
                "OPENAI | 429 | {'error':{'code':'billing_not_active'}} | OUT_OF_FUNDS",
                "OPENAI | 401 | {'error':{'code':401,'message':'no'}} | KEY_NOT_ACCEPTED",
                "OPENAI | 429 | {'error':{'code':429}} | RATE_LIMITED",
                "OPENAI | 429 | {'error':{'code':'rate_limit_exceeded','message':'Request too large for"
                        + " gpt-4.1 on tokens per min'}} | LARGER_THAN_LIMIT",
                "OPENAI | 400 | {'error':{'code':'model_not_found'}} | NOT_FOUND",
                "OPENAI | 400 | {'error':'a text'} | BAD_REQUEST",
                "OPENAI | 400 | {'detail':[{'msg':'x'}]} | BAD_REQUEST",
                "OPENAI | 502 | <html> | BAD_GATEWAY",
                "OPENAI | 500 | [] | SERVER_ERROR",
                "ANTHROPIC | 400 | {'error':{'type':'invalid_request_error','message':'You have reached"
                        + " your specified API usage limits.'}} | OUT_OF_FUNDS",
                "ANTHROPIC | 400 | {'error':{'message':'This organization has been disabled.'}} |"
                        + " OUT_OF_FUNDS",
                "ANTHROPIC | 529 | overloaded | OVERLOADED",
            },
            quoteCharacter = '§')
    void errorsAreUnderstoodHoweverTheyArePut(
            Provider provider, int status, String body, ProviderReply row) throws Exception {
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(status, JSON, body.replace('\'', '"'))) {
            assertIs(ask(provider, scripted), row);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void redirectsAreNotFollowed(Provider provider) throws Exception {
        for (int status : new int[] {301, 302, 307, 308}) {
            try (ScriptedProvider target = ScriptedProvider.answering(200, JSON, "{}");
                    ScriptedProvider scripted =
                            ScriptedProvider.answering(
                                    status, Map.of("Location", target.url("/").toString()), "")) {
                assertIs(ask(provider, scripted), ProviderReply.NOT_FOUND);
                assertThat(target.requests()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void bodiesThatAreNoAnswerAreLostAnswers(Provider provider) throws Exception {
        Map<String, ProviderReply> bodies =
                Map.of(
                        "", ProviderReply.EMPTY_BODY,
                        "<html><body>Sign in</body></html>", ProviderReply.NOT_JSON,
                        "{\"id\": \"x", ProviderReply.NOT_JSON,
                        "{\"foo\": 1}", ProviderReply.UNKNOWN_JSON,
                        "[]", ProviderReply.UNKNOWN_JSON,
                        "null", ProviderReply.UNKNOWN_JSON);
        for (Map.Entry<String, ProviderReply> body : bodies.entrySet()) {
            try (ScriptedProvider scripted = ScriptedProvider.answering(200, JSON, body.getKey())) {
                assertIs(ask(provider, scripted), body.getValue());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void whatTheNetworkDoesHasItsRows(Provider provider) throws Exception {
        try (ScriptedProvider scripted =
                ScriptedProvider.resetting(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 5000\r\n\r\n{\"id\":")) {
            assertIs(ask(provider, scripted), ProviderReply.CONNECTION_LOST);
        }
        try (ScriptedProvider scripted = ScriptedProvider.resetting("")) {
            assertIs(ask(provider, scripted), ProviderReply.CONNECTION_LOST);
        }
        try (ScriptedProvider scripted = ScriptedProvider.silent()) {
            assertIs(ask(provider, scripted), ProviderReply.READ_TIMEOUT);
        }
        try (ScriptedProvider scripted = ScriptedProvider.notSpeakingTls()) {
            Deployment overTls =
                    Deployments.of(
                            provider,
                            scripted.tlsUrl(path(provider)),
                            modelId(provider),
                            Duration.ofSeconds(5));
            assertIs(ask(overTls), ProviderReply.TLS_FAILURE);
        }
        ScriptedProvider gone = ScriptedProvider.silent();
        gone.close();
        assertIs(ask(provider, gone), ProviderReply.NOT_CONNECTED);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void answerWithoutAnEndIsCutOff(Provider provider) throws Exception {
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, JSON, "x".repeat((16 << 20) + 1))) {
            assertIs(ask(provider, scripted), ProviderReply.ANSWER_TOO_LARGE);
        }
    }

    /** Some clients send a call again by themselves if they are told to come back in no time. */
    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void nothingIsSentTwice(Provider provider) throws Exception {
        for (int status : new int[] {408, 429, 500, 503}) {
            try (ScriptedProvider scripted =
                    ScriptedProvider.answering(status, Map.of("Retry-After", "0"), "{}")) {
                assertThat(ask(provider, scripted)).isNotNull();
                assertThat(scripted.requests()).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "ANTHROPIC"})
    void whenToComeBackIsReadInEveryForm(Provider provider) throws Exception {
        Map<Map<String, String>, Duration> forms =
                Map.of(
                        Map.of("retry-after", "7"), Duration.ofSeconds(7),
                        Map.of("retry-after-ms", "1500"), Duration.ofMillis(1_500),
                        Map.of("retry-after", "Mon, 23 Nov 2026 10:00:09 GMT"),
                                Duration.ofSeconds(9),
                        Map.of("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"), Duration.ZERO,
                        Map.of("retry-after", "31536000"), ResponseHeaders.LONGEST_PAUSE);
        for (Map.Entry<Map<String, String>, Duration> form : forms.entrySet()) {
            for (int status : new int[] {429, 503}) {
                try (ScriptedProvider scripted =
                        ScriptedProvider.answering(status, form.getKey(), "{}")) {
                    assertThat(retryAfter(ask(provider, scripted))).contains(form.getValue());
                }
            }
        }
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(429, Map.of("retry-after", "soon"), "{}")) {
            assertThat(retryAfter(ask(provider, scripted))).isEmpty();
        }
    }

    /** Every row is the subject of a test above or, the answers, of the adapters' own. */
    @Test
    void noRowIsForgotten() {
        Set<ProviderReply> tested = EnumSet.noneOf(ProviderReply.class);
        statuses().forEach(row -> tested.add((ProviderReply) row.get()[2]));
        tested.addAll(
                List.of(
                        ProviderReply.LARGER_THAN_LIMIT,
                        ProviderReply.ANSWER_TOO_LARGE,
                        ProviderReply.EMPTY_BODY,
                        ProviderReply.NOT_JSON,
                        ProviderReply.UNKNOWN_JSON,
                        ProviderReply.CONNECTION_LOST,
                        ProviderReply.READ_TIMEOUT,
                        ProviderReply.TLS_FAILURE,
                        ProviderReply.NOT_CONNECTED,
                        ProviderReply.ANSWER,
                        ProviderReply.ANSWER_WITHOUT_USAGE,
                        ProviderReply.REFUSAL));
        assertThat(Arrays.asList(ProviderReply.values())).hasSameElementsAs(tested);
    }

    @Test
    void documentedTableIsThisOne() throws Exception {
        assertThat(Files.readString(Path.of("../../docs/PROVIDER-REPLIES.md")))
                .as("docs/PROVIDER-REPLIES.md must contain the table of ProviderReply.markdown()")
                .contains(ProviderReply.markdown());
    }

    private static void assertIs(ModelReply reply, ProviderReply row) {
        boolean unknown = row.charged() == ProviderReply.Charged.UNKNOWN;
        switch (row.becomes()) {
            case THROTTLED ->
                    assertThat(reply)
                            .isInstanceOfSatisfying(
                                    ModelReply.Throttled.class,
                                    throttled ->
                                            assertThat(throttled.needsOperator())
                                                    .isEqualTo(row != ProviderReply.RATE_LIMITED));
            case UNAVAILABLE ->
                    assertThat(reply)
                            .isInstanceOfSatisfying(
                                    ModelReply.Unavailable.class,
                                    unavailable -> {
                                        assertThat(unavailable.answerLost()).isEqualTo(unknown);
                                        String words = words(row);
                                        assertThat(unavailable.message()).startsWith(words);
                                    });
            case REJECTED -> assertThat(reply).isInstanceOf(ModelReply.Rejected.class);
            case ANSWERED, REFUSED -> throw new AssertionError("not tested here: " + row);
        }
    }

    private static String words(ProviderReply row) {
        return switch (row) {
            case NOT_CONNECTED -> "cannot connect";
            case TLS_FAILURE -> "no TLS session";
            case CONNECTION_LOST -> "no answer:";
            case READ_TIMEOUT -> "no answer in time";
            case ANSWER_TOO_LARGE -> "the answer is too large";
            case EMPTY_BODY -> "the answer is empty";
            case NOT_JSON -> "the answer is no JSON";
            case UNKNOWN_JSON -> "the answer is n";
            default -> "HTTP ";
        };
    }

    private static Optional<Duration> retryAfter(ModelReply reply) {
        return switch (reply) {
            case ModelReply.Throttled throttled -> throttled.retryAfter();
            case ModelReply.Unavailable unavailable -> unavailable.retryAfter();
            default -> throw new AssertionError(reply);
        };
    }

    private ModelReply ask(Provider provider, ScriptedProvider scripted) throws Exception {
        return ask(
                Deployments.of(
                        provider,
                        scripted.url(path(provider)),
                        modelId(provider),
                        Duration.ofMillis(800)));
    }

    private static String path(Provider provider) {
        return provider == Provider.ANTHROPIC ? "" : "/v1";
    }

    private static String modelId(Provider provider) {
        return provider == Provider.ANTHROPIC ? "claude-haiku-4-5" : "gpt-4.1-mini";
    }

    private ModelReply ask(Deployment deployment) throws Exception {
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-23T10:00:00Z"));
        PromptWriter prompts = new PromptWriter(seo, TokenCounter.of(List.of(ModelTraits.UNKNOWN)));
        ModelRequest request = prompts.request(prompts.ask(new PreparedInput("page", 4, 4, 4)));
        if (deployment.endpoint().provider() == Provider.ANTHROPIC) {
            try (Transport transport = Transport.start()) {
                AnthropicModel model = new AnthropicModel(deployment, transport, clock);
                return model.ask(request, UUID.randomUUID());
            }
        }
        try (Transport transport = Transport.start()) {
            OpenAiModel model = new OpenAiModel(deployment, transport, clock);
            return model.ask(request, UUID.randomUUID());
        }
    }
}
