package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker says which of the things it needs is not there, and where it looked for it. */
class LostDependencyIT {
    private static final int REQUESTS = 15;

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void workerWithoutBrokersIsDownWithinSecondsAndNamesTheirAddressAndItsKey() throws Exception {
        String nowhere = "127.0.0.1:" + freePort();
        int port = freePort();
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess worker =
                        pipeline.startWorkerProcess(
                                "0",
                                Map.of(
                                        "SLUICE_KAFKA_BOOTSTRAP_SERVERS",
                                        nowhere,
                                        "SLUICE_HTTP_PORT",
                                        String.valueOf(port)))) {
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() ->
                            assertThat(ready(port))
                                    .as(worker.log())
                                    .contains("DOWN", nowhere, "kafka.bootstrap.servers"));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(worker.log())
                                    .containsOnlyOnce("no answer: work waits until there is one")
                                    .contains(nowhere));
            assertThat(worker.log().lines().filter(line -> line.contains("WARN")).count())
                    .as(worker.log())
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void brokersThatAreLostUnderWayAreOneLineAndTheirReturnAnother() throws Exception {
        int port = freePort();
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults(),
                                folder,
                                AnalysisCatalog.load(Optional.empty()),
                                network);
                JavaProcess worker =
                        pipeline.startWorkerProcess(
                                "0", Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(ready(port)).contains("UP"));

            network.proxies().broker().silence(true);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(ready(port))
                                    .contains(
                                            "DOWN",
                                            network.brokersForWorkers(),
                                            "kafka.bootstrap.servers"));
            network.proxies().broker().cut();
            network.proxies().broker().silence(false);

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(ready(port)).as(worker.log()).contains("UP"));
            assertThat(worker.log())
                    .containsOnlyOnce("no answer: work waits until there is one")
                    .containsOnlyOnce("it answers again");
        }
    }

    @Test
    void lostRegistryIsOneLineAndItsReturnAnother() throws Exception {
        int port = freePort();
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            for (int i = 0; i < REQUESTS; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> pipeline.committed.writtenJobs() >= REQUESTS);
            pipeline.registry.fail(503);
            try (JavaProcess worker =
                    pipeline.startWorkerProcess(
                            "0", Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> worker.log().contains("partitions assigned"));
                await().atMost(Duration.ofSeconds(30))
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

                assertThat(pipeline.committed.awaitOutcomes(REQUESTS, Duration.ofSeconds(60)))
                        .as(worker.log())
                        .hasSize(REQUESTS);
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(ready(port)).contains("UP"));
                System.out.printf(
                        "%d lines of WARN for %d jobs that wait for the registry%n",
                        worker.log().lines().filter(line -> line.contains("WARN")).count(),
                        REQUESTS);
                assertThat(worker.log())
                        .containsOnlyOnce("no answer: work waits until there is one")
                        .containsOnlyOnce("it answers again");
                assertThat(worker.log().lines().filter(line -> line.contains("WARN")).count())
                        .as(worker.log())
                        .isLessThanOrEqualTo(3);
            }
        }
    }

    private String ready(int port) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/health/ready"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
