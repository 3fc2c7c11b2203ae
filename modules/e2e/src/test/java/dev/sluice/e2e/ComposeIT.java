package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** docker-compose.yml, as far as this machine can run it. */
class ComposeIT {
    private static final int REQUESTS = 20;
    private static final Path ROOT = Path.of("../..");

    /** Not those of an installation that runs already. */
    private static final Map<String, String> PORTS =
            Map.of(
                    "KAFKA_PORT", "19492",
                    "REGISTRY_PORT", "19481",
                    "ADMISSION_PORT", "19480",
                    "SIMULATOR_PORT", "19489");

    /** Without those that only watch. */
    private static final List<String> PIPELINE =
            List.of(
                    "kafka",
                    "registry",
                    "topics",
                    "simulator",
                    "admission",
                    "worker-1",
                    "worker-2");

    @Test
    void fileIsValid() throws Exception {
        assertThat(compose("config", "-q")).isEmpty();
    }

    @Test
    void wholePipelineRuns() throws Exception {
        List<String> images =
                List.of(
                        "apache/kafka:4.3.1",
                        "apicurio/apicurio-registry:3.3.3",
                        "sluice",
                        "sluice-simulator");
        for (String image : images) {
            assumeTrue(
                    run(List.of("docker", "image", "inspect", image)).exitCode() == 0,
                    "SKIPPED: docker-compose.yml was not run: Docker has no image " + image);
        }
        try {
            List<String> up = new ArrayList<>(List.of("-p", "sluice-it", "up", "-d"));
            up.addAll(PIPELINE);
            compose(up.toArray(String[]::new));
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() ->
                            assertThat(run(composeCommand("-p", "sluice-it", "ps")).output())
                                    .containsPattern("admission.*healthy")
                                    .containsPattern("worker-1.*healthy")
                                    .containsPattern("worker-2.*healthy"));
            KafkaConnection connection =
                    new KafkaConnection(
                            Map.of("bootstrap.servers", "localhost:" + PORTS.get("KAFKA_PORT")),
                            Map.of(
                                    "schema.registry.url",
                                    "http://localhost:%s/apis/ccompat/v7"
                                            .formatted(PORTS.get("REGISTRY_PORT"))),
                            new Topics(Topics.DEFAULT_PREFIX),
                            8 << 20);

            Requests.publish(
                    connection,
                    IntStream.range(0, REQUESTS)
                            .mapToObj(i -> Pipeline.request("r-" + i, Pipeline.page(i)))
                            .toList());

            assertThat(
                            new CommittedRecords(connection, List.of("seo"))
                                    .awaitOutcomes(REQUESTS, PATIENCE))
                    .hasSize(REQUESTS)
                    .allMatch(CommittedRecords.Read::isResult);
        } finally {
            var _ = run(composeCommand("-p", "sluice-it", "down", "-v"));
        }
    }

    /** Runs Compose; returns its output, which must be that of a success. */
    private String compose(String... arguments) throws Exception {
        Ran ran = run(composeCommand(arguments));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        return ran.output();
    }

    private List<String> composeCommand(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        if (run(List.of("docker", "compose", "version")).exitCode() == 0) {
            command.addAll(List.of("docker", "compose"));
        } else {
            assumeTrue(
                    run(List.of("docker-compose", "version")).exitCode() == 0,
                    "SKIPPED: docker-compose.yml was not checked: Docker Compose is not installed");
            command.add("docker-compose");
        }
        command.addAll(List.of(arguments));
        return command;
    }

    private record Ran(int exitCode, String output) {}

    private Ran run(List<String> command) throws InterruptedException {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(ROOT.toFile()).redirectErrorStream(true);
            builder.environment().putAll(PORTS);
            Process process = builder.start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), output);
        } catch (IOException e) {
            return new Ran(-1, String.valueOf(e.getMessage()));
        }
    }
}
