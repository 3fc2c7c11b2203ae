package dev.sluice.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.Secret;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.ConsoleHistory;
import dev.sluice.app.console.ConsoleState;
import dev.sluice.app.operate.OperationRefusedException;
import dev.sluice.app.operate.OperationRefusedException.Kind;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The addresses of the console's page of dead letters. */
class LetterRoutesTest {
    private static final String TOKEN = "0123456789abcdef";
    private static final Optional<String> RIGHT = Optional.of("Bearer " + TOKEN);
    private static final String LETTERS = "/api/dead-letters";
    private static final String PLAN = LETTERS + "/plan";
    private static final String REDRIVE = LETTERS + "/redrive";
    private static final String DISCARD = LETTERS + "/discard";
    private static final String TAKE_BACK = LETTERS + "/take-back";
    private static final String QUERY = "\"since\":\"2030-01-01T00:00:00Z\",\"ends\":\"0@17,1@20\"";

    private static final String AT = "\"at\":\"2030-01-03T00:00:00Z\"";

    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health = new Health();
    private final Console console =
            Console.start(
                    new ConsoleState(meters, health, Set.of(), new RecentDeadLetters()),
                    new ConsoleHistory(meters));
    private final FakeOperations operations = new FakeOperations();
    private boolean changes = true;
    private HttpEndpoints endpoints;

    @AfterEach
    void stop() {
        endpoints.close();
        console.close();
    }

    private void start(Optional<String> token) {
        endpoints =
                HttpEndpoints.start(
                        new HttpSettings(
                                "127.0.0.1", 0, token.map(Secret::new), Optional.empty(), changes),
                        meters,
                        health,
                        user -> Optional.empty(),
                        console,
                        operations);
    }

    private HttpResponse<String> ask(String path, Optional<String> authorization) throws Exception {
        return send(HttpRequest.newBuilder(endpoints.address().resolve(path)), authorization);
    }

    private HttpResponse<String> post(String path, Optional<String> authorization, String body)
            throws Exception {
        return send(
                HttpRequest.newBuilder(endpoints.address().resolve(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body)),
                authorization);
    }

    private static HttpResponse<String> send(
            HttpRequest.Builder request, Optional<String> authorization) throws Exception {
        authorization.ifPresent(value -> request.header("Authorization", value));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    @Test
    void deadLettersAreChangedByWhoHasATokenOnly() throws Exception {
        start(Optional.empty());
        assertThat(post(REDRIVE, Optional.empty(), "{}").statusCode()).isEqualTo(403);
        assertThat(post(DISCARD, Optional.empty(), "{}").body()).contains("configure http.token");
        HttpResponse<String> list = ask(LETTERS + "?hours=1", Optional.empty());
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.body()).contains("noChanges", "configure http.token");
        endpoints.close();

        start(Optional.of(TOKEN));
        assertThat(post(REDRIVE, Optional.empty(), "{}").statusCode()).isEqualTo(401);
        assertThat(ask(LETTERS, Optional.empty()).statusCode()).isEqualTo(401);
        assertThat(post(REDRIVE, RIGHT, "{\"plan\":\"x\"}").statusCode()).isEqualTo(200);
        assertThat(ask(LETTERS + "?hours=1", RIGHT).body()).doesNotContain("noChanges");
        assertThat(operations.asked())
                .containsExactly("list []", "redrive x by console at 127.0.0.1", "list []");
    }

    @Test
    void tokenOnlyReadsWhereChangesAreSwitchedOff() throws Exception {
        changes = false;
        start(Optional.of(TOKEN));

        assertThat(ask(LETTERS + "?hours=1", RIGHT).statusCode()).isEqualTo(200);
        for (String path : List.of(REDRIVE, DISCARD, TAKE_BACK)) {
            HttpResponse<String> answer = post(path, RIGHT, "{\"plan\":\"x\"}");
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(answer.body()).contains("http.changes");
        }
        assertThat(operations.asked()).containsExactly("list []");
    }

    @Test
    void pageOfAnotherSiteIsNotAnswered() throws Exception {
        start(Optional.empty());

        HttpRequest request =
                HttpRequest.newBuilder(endpoints.address().resolve(LETTERS + "?hours=1"))
                        .header("Sec-Fetch-Site", "cross-site")
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        }
        assertThat(operations.asked()).isEmpty();
    }

    @Test
    void operationsAreAskedForWhatTheRequestSays() throws Exception {
        start(Optional.of(TOKEN));

        ask(LETTERS + "?hours=24&reason=CRASHED_WORKER", RIGHT);
        ask(LETTERS + "/request?hours=24&request=r-1", RIGHT);
        ask(LETTERS + "/request?place=3@17", RIGHT);
        post(PLAN, RIGHT, body("\"rejudge\":\"false\",\"maxUsd\":\"12.50\""));
        post(PLAN, RIGHT, body("\"rejudge\":\"true\",\"deadlineHours\":\"24\""));
        post(DISCARD, RIGHT, body("\"note\":\"n\",\"count\":\"7\"," + AT));
        post(TAKE_BACK, RIGHT, body(AT));

        assertThat(operations.asked())
                .containsExactly(
                        "list [CRASHED_WORKER]",
                        "show r-1",
                        "show 3@17",
                        "plan Terms[isRejudge=false, maxUsd=Optional[12.50],"
                                + " deadline=Optional.empty]",
                        "plan Terms[isRejudge=true, maxUsd=Optional.empty,"
                                + " deadline=Optional[PT24H]]",
                        "discard 7 up to {0=17, 1=20}",
                        "take back 2030-01-03T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/discard | {}                                       | since is missing",
                "/discard | {\"since\":\"yesterday\"}                | since must be a time",
                "/discard | {QUERY,\"count\":\"7\"}                  | note is empty",
                "/discard | {QUERY,\"note\":\"n\"}                   | count is missing",
                "/discard | {QUERY,\"note\":\"n\",\"count\":\"-1\"}  | count must be",
                "/discard | {QUERY,\"note\":\"n\",\"reasons\":\"X\"} | reasons is unknown",
                "/discard | {QUERY,\"note\":\"n\",\"user\":null}     | user is unknown, or no text",
                "/discard | {QUERY,\"reason\":[\"X\"]}               | reason is unknown, or no text",
                "/discard | {QUERY,\"reason\":\"X\"}                 | there is no such reason",
                "/discard | {\"since\":\"1960-01-01T00:00:00Z\"}     | since must be a time",
                "/discard | {\"since\":\"2030-01-01T00:00:00Z\",\"ends\":\"now\"} | ends must be",
                "/discard | no JSON                                  | no JSON",
                "/plan    | {QUERY,\"rejudge\":\"false\",\"maxUsd\":\"1e9\"} | number of USD",
                "/redrive | {}                                       | plan is missing",
                "/take-back | {QUERY,\"at\":\"now\"}               | at must be a time"
            })
    void mistakesAreNamedAndNothingIsDone(String path, String body, String message)
            throws Exception {
        start(Optional.of(TOKEN));

        HttpResponse<String> answer = post(LETTERS + path, RIGHT, body.replace("QUERY", QUERY));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(message);
        assertThat(operations.asked()).isEmpty();
    }

    @Test
    void noteAndBodyMustNotBeTooLong() throws Exception {
        start(Optional.of(TOKEN));

        String note = "\"count\":\"7\",\"note\":\"" + "x".repeat(501) + '"';
        assertThat(post(DISCARD, RIGHT, body(note)).body()).contains("more than 500 characters");
        assertThat(post(DISCARD, RIGHT, "x".repeat(20_000)).body()).contains("too large");
        assertThat(operations.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "?hours=0, hours must be",
        "?hours=9000, hours must be",
        "'', hours is missing",
        "?hours=1&reason=NONE, no such reason",
        "/request?hours=1, request or place is missing",
        "/request?place=3, partition@offset",
        "?hours=%ff, address cannot be read"
    })
    void mistakesOfQuestionsAreNamed(String path, String message) throws Exception {
        start(Optional.of(TOKEN));

        HttpResponse<String> answer = ask(LETTERS + path, RIGHT);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(message);
    }

    @Test
    void failuresNameWhatToDo() throws Exception {
        start(Optional.of(TOKEN));

        operations.fail(new OperationRefusedException(Kind.BUSY, "busy"));
        HttpResponse<String> busy = ask(LETTERS + "?hours=1", RIGHT);
        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(busy.headers().firstValue("Retry-After")).hasValue("5");
        operations.fail(new OperationRefusedException(Kind.CONFLICT, "too many"));
        assertThat(ask(LETTERS + "?hours=1", RIGHT).statusCode()).isEqualTo(409);
        operations.fail(
                new IllegalStateException(
                        "not sent", new TopicAuthorizationException("no right to write")));
        HttpResponse<String> denied = ask(LETTERS + "?hours=1", RIGHT);
        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(denied.body()).contains("no right to write", "sluice acls operator");
        operations.fail(new IllegalStateException("no broker"));
        assertThat(ask(LETTERS + "?hours=1", RIGHT).body()).contains("do not answer: no broker");
        operations.fail(new NullPointerException("x"));
        assertThat(ask(LETTERS + "?hours=1", RIGHT).statusCode()).isEqualTo(500);
        assertThat(ask(REDRIVE, RIGHT).statusCode()).isEqualTo(405);
        assertThat(post(LETTERS, RIGHT, "{}").statusCode()).isEqualTo(405);
    }

    private static String body(String fields) {
        return '{' + QUERY + ',' + fields + '}';
    }
}
