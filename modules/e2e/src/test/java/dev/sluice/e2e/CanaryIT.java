package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No content of requests or answers, and no secret, in anything that a service shows: log, metrics,
 * health, console and traces, while everything that can go wrong with a request does.
 */
class CanaryIT {
    /** In each page's title, which the model's answers repeat. */
    private static final String CONTENT = "canary-content-71c4";

    private static final String API_KEY = "canary-api-key-93ab";
    private static final String TOKEN = "canary-token-0123456789";
    private static final List<String> CANARIES = List.of(CONTENT, API_KEY, TOKEN);
    private static final int REQUESTS = 100;
    private static final int BROKEN = 3;
    private static final Pattern ADDRESS = Pattern.compile("address=\"?(http://[0-9.]+:\\d+)");

    /** Some quote what they were sent; all of them end calls or answers. */
    private static final String FAULTS =
            "malformed=0.15,fenced=0.1,out-of-range=0.1,refusal=0.1,length=0.1,error=0.1,"
                    + "throttled=0.05,failed-generation=0.1";

    @TempDir private Path folder;

    @Test
    void neitherContentNorSecretsAreShownWhileRequestsFail() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(FAULTS), 5);
        try (OtlpCollector collector = OtlpCollector.start();
                Pipeline pipeline = new Pipeline(faulty, folder)) {
            Map<String, String> settings = new HashMap<>(collector.settings());
            settings.put("SLUICE_HTTP_TOKEN", TOKEN);
            settings.put("OPENAI_API_KEY", API_KEY);
            try (JavaProcess service = pipeline.startProcess("0", "admission,worker", settings)) {
                publish(pipeline);
                assertThat(pipeline.committed.awaitOutcomes(REQUESTS + BROKEN, PATIENCE))
                        .hasSize(REQUESTS + BROKEN);
                URI address = address(service);
                await().atMost(PATIENCE).until(() -> console(address).contains("INVALID_OUTPUT"));

                assertShowsNoCanary("metrics", ask(address, "/metrics"));
                assertShowsNoCanary("readiness", ask(address, "/health/ready"));
                assertShowsNoCanary("liveness", ask(address, "/health/live"));
                assertShowsNoCanary("console", console(address));
                assertShowsNoCanary("spend", ask(address, "/api/spend/ann"));
                service.stop();
                assertThat(service.log()).contains("outcome published", "INVALID_OUTPUT");
                assertShowsNoCanary("log", service.log());
                assertThat(collector.exported()).contains("chat gpt-4.1-mini", "publish");
                assertShowsNoCanary("traces", collector.exported());
            }
            assertThat(pipeline.committed.outcomes().toString())
                    .as("the canary is where it belongs")
                    .contains(CONTENT);
        }
    }

    /** Log and health say what the provider said of the key. */
    @ParameterizedTest
    @ValueSource(strings = {"key-401=1", "key-400=1", "forbidden-403=1"})
    void aRejectedKeyIsNotShown(String fault) throws Exception {
        SimulatorSettings rejecting =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(fault), 1);
        try (Pipeline pipeline = new Pipeline(rejecting, folder);
                JavaProcess service =
                        pipeline.startProcess(
                                "0", "admission,worker", Map.of("OPENAI_API_KEY", API_KEY))) {
            pipeline.publish(request(0));
            await().atMost(PATIENCE).until(() -> pipeline.simulator.requests() > 0);
            URI address = address(service);
            await().atMost(PATIENCE).until(() -> console(address).contains("paused"));

            for (String path : List.of("/metrics", "/health/ready")) {
                assertShowsNoCanary(path, ask(address, path));
            }
            assertShowsNoCanary("console", console(address));
            assertShowsNoCanary("log", service.log());
        }
    }

    private static void assertShowsNoCanary(String place, String text) {
        assertThat(text).as(place).isNotEmpty().doesNotContain(CANARIES);
    }

    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < REQUESTS; i++) {
            pipeline.publish(request(i));
        }
        pipeline.publish("none", ("\0\0\0\0\7" + CONTENT).getBytes(StandardCharsets.UTF_8));
        AnalysisRequest unknown = request(REQUESTS);
        unknown.setAnalysis("nothing");
        pipeline.publish(unknown);
        AnalysisRequest large = request(REQUESTS + 1);
        large.setContent((CONTENT + " ").repeat(300_000));
        pipeline.publish(large);
    }

    private static AnalysisRequest request(int number) {
        return Pipeline.request(
                "r" + number,
                Pipeline.page(number).replaceFirst("<title>", "<title>" + CONTENT + " "));
    }

    private static URI address(JavaProcess service) {
        await().atMost(PATIENCE).until(() -> ADDRESS.matcher(service.log()).find());
        Matcher found = ADDRESS.matcher(service.log());
        return found.find() ? URI.create(found.group(1)) : URI.create("http://nowhere");
    }

    private static String ask(URI address, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request(address, path), BodyHandlers.ofString()).body();
        }
    }

    /** The first event of the console, with ids. */
    private static String console(URI address) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        try (Stream<String> lines =
                client.send(request(address, "/api/console"), BodyHandlers.ofLines()).body()) {
            return lines.findFirst().orElseThrow();
        } finally {
            client.shutdownNow();
        }
    }

    private static HttpRequest request(URI address, String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .header("Authorization", "Bearer " + TOKEN)
                .build();
    }
}
