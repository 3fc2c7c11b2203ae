package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service names the dependency that is missing, and the address at which it tried to reach it.
 */
class LostDependencyIT {
    private static final int REQUESTS = 15;

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @ValueSource(strings = {"worker", "admission"})
    void withoutBrokersReadinessFailsWithinSecondsAndNamesAddressAndKey(String role)
            throws Exception {
        String nowhere = "127.0.0.1:" + Ports.free();
        int port = Ports.free();
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess service =
                        pipeline.startProcess(
                                "0",
                                role,
                                Map.of(
                                        "SLUICE_KAFKA_BOOTSTRAP_SERVERS",
                                        nowhere,
                                        "SLUICE_KAFKA_REQUEST_TIMEOUT_MS",
                                        "5000",
                                        "SLUICE_KAFKA_DEFAULT_API_TIMEOUT_MS",
                                        "20000",
                                        "SLUICE_HTTP_PORT",
                                        String.valueOf(port)))) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() ->
                            assertThat(ready(port))
                                    .as(service.log())
                                    .contains("DOWN", nowhere, "kafka.bootstrap.servers"));
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(service.log())
                                    .containsOnlyOnce("no answer: work waits until there is one")
                                    .contains(nowhere));
            await().atMost(PATIENCE).until(() -> !service.isAlive());
            assertThat(warnings(service)).as(service.log()).isLessThanOrEqualTo(2);
            assertThat(service.log().lines().toList().getLast())
                    .as("its last lines of output")
                    .contains("no answer", nowhere, "kafka.bootstrap.servers");
            assertThat(service.log()).doesNotContain("\tat ");
            assertThat(service.exitCode()).isEqualTo(ExitCode.FAILED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker", "admission"})
    void lostBrokersAreLoggedOnceAndSoIsTheirReturn(String role) throws Exception {
        int port = Ports.free();
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults(),
                                folder,
                                AnalysisCatalog.load(Optional.empty()),
                                network);
                JavaProcess service =
                        pipeline.startProcess(
                                "0", role, Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(ready(port)).contains("UP"));

            network.proxies().broker().silence(true);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(ready(port))
                                    .contains(
                                            "DOWN",
                                            network.brokersForWorkers(),
                                            "kafka.bootstrap.servers"));
            network.proxies().broker().cut();
            network.proxies().broker().silence(false);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(ready(port)).as(service.log()).contains("UP"));
            assertThat(service.log())
                    .containsOnlyOnce("no answer: work waits until there is one")
                    .containsOnlyOnce("it answers again");
            assertThat(warnings(service)).as(service.log()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void admissionLogsTheLossOfItsRegistryOnceAndItsReturn() throws Exception {
        int port = Ports.free();
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess admission =
                        pipeline.startProcess(
                                "0",
                                "admission",
                                Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(
                            () -> assertThat(ready(port)).as(admission.log()).contains("UP"));
            long before = warnings(admission);
            List<byte[]> requests =
                    IntStream.range(0, REQUESTS)
                            .mapToObj(i -> Pipeline.request("r" + i, Pipeline.page(i)))
                            .map(pipeline::serialized)
                            .toList();
            pipeline.registry.fail(503);
            requests.forEach(request -> pipeline.publish("ann", request));
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() ->
                            assertThat(ready(port))
                                    .as(admission.log())
                                    .contains(
                                            "DOWN",
                                            "wait for the schema registry",
                                            pipeline.registry.url(),
                                            "schema-registry.schema.registry.url"));
            assertThat(page(port, "/metrics"))
                    .contains("sluice_dependency_up{dependency=\"registry\"} 0.0")
                    .contains("sluice_dependency_up{dependency=\"brokers\"} 1.0");

            pipeline.registry.recover();

            await().atMost(PATIENCE).until(() -> pipeline.committed.writtenJobs() >= REQUESTS);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(ready(port)).contains("UP"));
            assertThat(admission.log())
                    .containsOnlyOnce("no answer: work waits until there is one")
                    .containsOnlyOnce("it answers again");
            assertThat(warnings(admission) - before).as(admission.log()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void lostRegistryIsLoggedOnceAndSoIsItsReturn() throws Exception {
        int port = Ports.free();
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            for (int i = 0; i < REQUESTS; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            await().atMost(PATIENCE).until(() -> pipeline.committed.writtenJobs() >= REQUESTS);
            pipeline.registry.fail(503);
            try (JavaProcess worker =
                    pipeline.startWorkerProcess(
                            "0", Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
                await().atMost(PATIENCE).until(() -> worker.log().contains("partitions assigned"));
                await().atMost(PATIENCE)
                        .until(() ->
                                pipeline.registry.requests().stream()
                                                .filter(asked -> asked.contains("/schemas/ids/"))
                                                .count()
                                        > 4 * REQUESTS);
                assertThat(ready(port))
                        .as(worker.log())
                        .contains(
                                "DOWN",
                                pipeline.registry.url(),
                                "schema-registry.schema.registry.url");

                pipeline.registry.recover();

                assertThat(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE))
                        .as(worker.log())
                        .hasSize(REQUESTS);
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(ready(port)).contains("UP"));
                System.out.printf(
                        "%d lines of WARN for %d jobs that wait for the registry%n",
                        warnings(worker), REQUESTS);
                assertThat(worker.log())
                        .containsOnlyOnce("no answer: work waits until there is one")
                        .containsOnlyOnce("it answers again");
                assertThat(warnings(worker)).as(worker.log()).isLessThanOrEqualTo(3);
            }
        }
    }

    /**
     * Number of warnings, without the one about a state folder below /tmp, which the tests have.
     */
    private static long warnings(JavaProcess process) {
        return process.log()
                .lines()
                .filter(line -> line.contains("WARN") && !line.contains(" StateDirectory: "))
                .count();
    }

    private String ready(int port) throws IOException, InterruptedException {
        return page(port, "/health/ready");
    }

    private String page(int port, String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
