package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** All rows of the reply table, over real HTTP and with both adapters. */
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
    void everyStatusIsHandledByItsRow(Provider provider, int status, ProviderReply row)
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
    void exhaustedFundsPauseTheDeploymentWhateverTheStatus() throws Exception {
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

    /** The table covers every row: a new one does not compile without its example. */
    @ParameterizedTest
    @EnumSource
    void exampleOfARowIsHandledByTheRow(ProviderReply row) throws Exception {
        try (ScriptedProvider scripted = example(row)) {
            assertIs(ask(Provider.OPENAI, scripted), row);
        }
    }

    private static ScriptedProvider example(ProviderReply row) {
        return switch (row) {
            case ANSWER, REFUSAL, ANSWER_WITHOUT_USAGE -> answer(row);
            case FAILED_GENERATION ->
                    error(400, "{'code':'json_validate_failed','failed_generation':'{'}");
            case BAD_REQUEST -> error(400, "{'message':'no'}");
            case CONTENT_REJECTED -> error(400, "{'code':'content_filter'}");
            case CONTEXT_TOO_LONG -> error(400, "{'code':'context_length_exceeded'}");
            case KEY_NOT_ACCEPTED -> error(401, "{}");
            case OUT_OF_FUNDS -> error(402, "{}");
            case NO_PERMISSION -> error(403, "{}");
            case NOT_FOUND -> error(404, "{}");
            case PROXY_AUTHENTICATION -> error(407, "{}");
            case REQUEST_TIMEOUT -> error(408, "{}");
            case CONFLICT -> error(409, "{}");
            case TOO_LARGE -> error(413, "{}");
            case UNPROCESSABLE -> error(422, "{}");
            case RATE_LIMITED -> error(429, "{}");
            case LARGER_THAN_LIMIT -> error(429, "{'message':'Request too large for gpt-4.1'}");
            case OTHER_CLIENT_ERROR -> error(418, "{}");
            case SERVER_ERROR -> error(500, "{}");
            case BAD_GATEWAY -> error(502, "{}");
            case SERVICE_UNAVAILABLE -> error(503, "{}");
            case GATEWAY_TIMEOUT -> error(504, "{}");
            case OVERLOADED -> error(529, "{}");
            case OTHER_SERVER_ERROR -> error(501, "{}");
            case NOT_CONNECTED -> gone();
            case TLS_FAILURE -> ScriptedProvider.notSpeakingTls();
            case CONNECTION_LOST -> ScriptedProvider.resetting("");
            case READ_TIMEOUT -> ScriptedProvider.silent();
            case ANSWER_TOO_LARGE ->
                    ScriptedProvider.answering(200, JSON, "x".repeat((16 << 20) + 1));
            case UNKNOWN_ENCODING ->
                    ScriptedProvider.answering(200, Map.of("Content-Encoding", "br"), "x");
            case EMPTY_BODY -> ScriptedProvider.answering(204, JSON, "");
            case NOT_JSON -> ScriptedProvider.answering(200, JSON, "<html>");
            case EVENT_STREAM -> ScriptedProvider.answering(200, JSON, "data: {\"choices\":[]}\n");
            case UNKNOWN_JSON -> ScriptedProvider.answering(200, JSON, "{}");
            case ERROR_IN_ANSWER -> error(200, "{'message':'boom'}");
            case FINISHED_IN_ERROR ->
                    ScriptedProvider.answering(
                            200,
                            JSON,
                            "{\"choices\":[{\"finish_reason\":\"error\",\"message\":{\"content\":\"\"}}]}");
        };
    }

    private static ScriptedProvider answer(ProviderReply row) {
        String said = row == ProviderReply.REFUSAL ? "refusal" : "content";
        String usage =
                row == ProviderReply.ANSWER_WITHOUT_USAGE
                        ? ""
                        : ",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}";
        return ScriptedProvider.answering(
                200,
                JSON,
                "{\"choices\":[{\"message\":{\"%s\":\"text\"}}]%s}".formatted(said, usage));
    }

    private static ScriptedProvider error(int status, String error) {
        return ScriptedProvider.answering(
                status, JSON, "{\"error\":" + error.replace('\'', '"') + "}");
    }

    private static ScriptedProvider gone() {
        try {
            ScriptedProvider gone = ScriptedProvider.silent();
            gone.close();
            return gone;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
    void bodiesThatAreNotAnswersAreLostAnswers(Provider provider) throws Exception {
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
    void networkFailuresHaveTheirRows(Provider provider) throws Exception {
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
    void endlessAnswerIsCutOff(Provider provider) throws Exception {
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, JSON, "x".repeat((16 << 20) + 1))) {
            assertIs(ask(provider, scripted), ProviderReply.ANSWER_TOO_LARGE);
        }
    }

    /** Some clients resend a call by themselves if the requested wait is zero. */
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
    void retryAfterIsReadInEveryForm(Provider provider) throws Exception {
        Map<Map<String, String>, Duration> forms =
                Map.of(
                        Map.of("retry-after", "7"), Duration.ofSeconds(7),
                        Map.of("retry-after-ms", "1500"), Duration.ofMillis(1_500),
                        Map.of("retry-after", "2.5s"), Duration.ofMillis(2_500),
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

    @Test
    void documentedTableEqualsTheEnum() throws Exception {
        assertThat(Files.readString(Path.of("../../docs/PROVIDER-REPLIES.md")))
                .as("docs/PROVIDER-REPLIES.md must contain the table of ProviderReply.markdown()")
                .contains(ProviderReply.markdown());
    }

    private static void assertIs(ModelReply reply, ProviderReply row) {
        boolean unknown = row.charged() == ProviderReply.Charged.UNKNOWN;
        switch (row.becomes()) {
            case THROTTLED -> assertThat(reply).isInstanceOf(ModelReply.Throttled.class);
            case BLOCKED -> assertThat(reply).isInstanceOf(ModelReply.Blocked.class);
            case UNAVAILABLE ->
                    assertThat(reply)
                            .isInstanceOfSatisfying(
                                    ModelReply.Unavailable.class,
                                    unavailable -> {
                                        assertThat(unavailable.isAnswerLost()).isEqualTo(unknown);
                                        String words = words(row);
                                        assertThat(unavailable.message()).startsWith(words);
                                    });
            case REJECTED -> assertThat(reply).isInstanceOf(ModelReply.Rejected.class);
            case ANSWERED ->
                    assertThat(reply)
                            .isInstanceOfSatisfying(
                                    ModelReply.Answered.class,
                                    answered ->
                                            assertThat(answered.usage().isEmpty())
                                                    .isEqualTo(unknown));
            case REFUSED -> assertThat(reply).isInstanceOf(ModelReply.Refused.class);
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
            case NOT_JSON -> "the answer is not JSON";
            case UNKNOWN_JSON -> "the answer is n";
            case UNKNOWN_ENCODING -> "the answer is compressed";
            case EVENT_STREAM -> "the answer is a stream";
            case FINISHED_IN_ERROR -> "the provider broke";
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
                        scripted.callUrl(path(provider)),
                        modelId(provider),
                        Duration.ofMillis(2_500)));
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
                return model.ask(request, UUID.randomUUID()).reply();
            }
        }
        try (Transport transport = Transport.start()) {
            OpenAiModel model = new OpenAiModel(deployment, transport, clock);
            return model.ask(request, UUID.randomUUID()).reply();
        }
    }
}
