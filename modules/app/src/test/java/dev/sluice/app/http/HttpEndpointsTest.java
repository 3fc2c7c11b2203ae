package dev.sluice.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.ConsoleHistory;
import dev.sluice.app.console.ConsoleState;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HttpEndpointsTest {
    private final Health health = new Health();
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RecentDeadLetters deadLetters = new RecentDeadLetters();
    private final Console console =
            Console.start(
                    new ConsoleState(meters, health, Set.of(Role.WORKER), deadLetters),
                    new ConsoleHistory(meters));
    private final HttpEndpoints endpoints = start(0);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.close();
        endpoints.close();
        console.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /health/ready, 200",
        "HEAD, /health/ready, 200",
        "HEAD, /health/live, 200",
        "HEAD, /metrics, 200",
        "POST, /health/ready, 405",
        "DELETE, /metrics, 405",
        "PUT, /api/spend/ann, 405",
        "OPTIONS, /health/live, 405",
        "GET, /console, 200",
        "HEAD, /console/console.js, 200",
        "GET, /console/dead-letters, 200",
        "GET, /console/letters.js, 200",
        "GET, /console/elements.js, 200",
        "HEAD, /api/console, 200",
        "POST, /api/console, 405",
        "GET, /console/other.js, 404",
        "GET, /, 302",
        "GET, /nowhere, 404",
        "POST, /nowhere, 404",
        "GET, /api/spend/, 404",
    })
    void methodsAndPaths(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = ask(method, path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Server")).isEmpty();
        assertThat(answer.body().isEmpty()).isEqualTo(method.equals("HEAD"));
        assertThat(answer.headers().firstValue("Allow"))
                .isEqualTo(status == 405 ? Optional.of("GET, HEAD") : Optional.empty());
    }

    @Test
    void readinessHasNotesForOperatorsThoughNothingIsWrong() throws Exception {
        health.note("deployment gpt/openai", () -> Optional.of("at most 500 requests a minute"));
        health.note("deployment gpt/azure", Optional::empty);

        assertThat(ask("GET", "/health/ready").body())
                .isEqualTo(
                        """
                        {"status":"UP","problems":{},"notes":{"deployment gpt/openai":"at most 500 requests a minute"}}\
                        """);
        assertThat(ask("GET", "/health/live").body())
                .isEqualTo(
                        """
                        {"status":"UP","problems":{}}\
                        """);
    }

    @Test
    void headHasTheStatusOfReadiness() throws Exception {
        health.ready("part", () -> Optional.of("not yet"));

        assertThat(ask("HEAD", "/health/ready").statusCode()).isEqualTo(503);
        assertThat(ask("GET", "/health/ready").body()).contains("\"part\":\"not yet\"");
    }

    @Test
    void unreadableSpendIsReportedWithItsCause() throws Exception {
        assertThat(ask("GET", "/api/spend/ann").body()).contains("is still being read");

        health.ready("brokers", () -> Optional.of("no answer for 7 s from the brokers"));
        HttpResponse<String> answer = ask("GET", "/api/spend/ann");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("no answer for 7 s from the brokers");
    }

    @Test
    void consoleIsOpenedBySixteenAtMostAndAClosedOneMakesRoom() throws Exception {
        List<HttpResponse<InputStream>> open = new ArrayList<>();
        for (int i = 0; i < Console.MOST_VIEWERS; i++) {
            open.add(follow());
        }
        assertThat(open)
                .allSatisfy(console -> {
                    assertThat(console.statusCode()).isEqualTo(200);
                    assertThat(console.headers().firstValue("Content-Type").orElseThrow())
                            .startsWith("text/event-stream");
                    assertThat(new String(console.body().readNBytes(6), StandardCharsets.UTF_8))
                            .isEqualTo("data: ");
                });
        HttpResponse<InputStream> refused = follow();
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(new String(refused.body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("close one");

        open.getFirst().body().close();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> {
                    HttpResponse<InputStream> next = follow();
                    open.add(next);
                    return next.statusCode() == 200;
                });
        for (HttpResponse<InputStream> one : open) {
            one.body().close();
        }
    }

    @Test
    void consoleGoesOnSendingEventsAndItsHistory() throws Exception {
        HttpResponse<Stream<String>> stream =
                client.send(
                        HttpRequest.newBuilder(URI.create(endpoints.address() + "/api/console"))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = stream.body()) {
            List<JsonNode> events =
                    lines.filter(line -> !line.isEmpty())
                            .limit(8)
                            .map(line ->
                                    JsonMapper.shared().readTree(line.substring("data: ".length())))
                            .toList();

            assertThat(events)
                    .allMatch(event -> event.path("roles").get(0).asString().equals("worker"));
            List<Integer> points =
                    events.stream()
                            .filter(event -> event.has("history"))
                            .map(event -> event.get("history").size())
                            .toList();
            assertThat(points).hasSizeBetween(2, 3);
            assertThat(points.getLast()).isPositive();
        }
    }

    private HttpResponse<InputStream> follow() throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(endpoints.address() + "/api/console")).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    @Test
    void consolePageMayLoadNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = ask("GET", "/console");

        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none';")
                .doesNotContain("unsafe", "http");
        assertThat(page.body()).doesNotContain("http:", "https:", "style=", "onclick");
        assertThat(ask("GET", "/").headers().firstValue("Location")).hasValue("/console");
    }

    @Test
    void takenPortIsReportedWithTheFix() {
        assertThatThrownBy(() -> start(endpoints.address().getPort()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:")
                .hasMessageContaining("choose another http.port");
    }

    private HttpEndpoints start(int port) {
        return HttpEndpoints.start(
                HttpSettings.loopback(port),
                meters,
                health,
                user -> Optional.empty(),
                console,
                new FakeOperations());
    }

    private HttpResponse<String> ask(String method, String path)
            throws IOException, InterruptedException {
        URI url = URI.create(endpoints.address() + path);
        return client.send(
                HttpRequest.newBuilder(url)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
