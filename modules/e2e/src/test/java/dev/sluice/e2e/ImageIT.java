package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of the image run the whole pipeline: as user 65532, with a root that cannot be written
 * to, and without the class path of this JVM. Needs {@code -Dimage.folder}, the folder of {@code
 * image/layout}, and root, for mounts.
 */
class ImageIT {
    /** Not among the ports that systems give to outgoing connections. */
    private static final int PORT = 18_473;

    private static final String CANARY = "canary-key-5f1d";
    private static final int REQUESTS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** The exit code of a JVM that SIGTERM ended. */
    private static final int TERMINATED = 143;

    private final String image = System.getProperty("image.folder", "");

    @TempDir private Path folder;
    private Path config;

    @BeforeEach
    void requireImage() throws IOException {
        config = Files.createDirectory(folder.resolve("config"));
        assumeTrue(
                !image.isEmpty(),
                "SKIPPED: the image is not tested; give its files with -Dimage.folder");
    }

    @Test
    void wholePipelineRunsWithoutPrivilegesOnAReadOnlyRoot() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess service = start(pipeline)) {
            assertThat(run("health", "--wait", PATIENCE.toSeconds() + "s"))
                    .as(service.log())
                    .contains("\"status\":\"UP\"");
            for (int i = 0; i < REQUESTS; i++) {
                pipeline.publish(Pipeline.request("r-" + i, Pipeline.page(i)));
            }

            assertThat(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE)).hasSize(REQUESTS);

            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
            assertThat(status(service))
                    .contains("Uid:\t65532\t65532\t65532\t65532")
                    .contains("Gid:\t65532\t65532\t65532\t65532")
                    .contains("CapEff:\t0000000000000000");
            assertThat(page("/metrics")).contains("sluice_").doesNotContain(CANARY);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(page("/api/spend/ann"))
                                    .contains("\"userId\":\"ann\"", "spentUsd"));
            assertThat(Files.readString(proc(service, "cmdline"))).doesNotContain(CANARY);
            assertThat(service.stop()).as(service.log()).isEqualTo(TERMINATED);
            assertThat(service.log()).contains("service started").doesNotContain(CANARY);
        }
    }

    @Test
    void standInsAreNotInTheImage() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(image))) {
            assertThat(files.map(Path::getFileName).map(String::valueOf))
                    .contains("sluice-app.jar")
                    .noneMatch(name -> name.matches("(kafka_2|sluice-(simulator|devkit|demo)).*"));
        }
    }

    @Test
    void optionsOfTheLauncherAreRefusedWithTheNameOfThoseOfTheImage() throws Exception {
        Files.writeString(config.resolve("sluice.yaml"), "");

        assertThat(run(Map.of("SLUICE_JAVA_OPTS", "-Xmx1g"), "run"))
                .contains("SLUICE_JAVA_OPTS")
                .contains("JDK_JAVA_OPTIONS");
    }

    private JavaProcess start(Pipeline pipeline) throws IOException {
        Files.writeString(
                config.resolve("sluice.yaml"),
                """
                kafka:
                  bootstrap.servers: %s
                schema-registry:
                  schema.registry.url: %s
                topics:
                  prefix: %s
                http:
                  host: 127.0.0.1
                  port: %d
                """
                        .formatted(
                                Pipeline.embeddedBrokers(),
                                pipeline.registry.url(),
                                pipeline.connection.topics().prefix(),
                                PORT));
        Map<String, String> provider =
                Map.of(
                        "OPENAI_BASE_URL",
                        pipeline.simulator.baseUrl().toString(),
                        "OPENAI_API_KEY",
                        CANARY,
                        "ANTHROPIC_BASE_URL",
                        pipeline.simulator.anthropicBaseUrl().toString(),
                        "ANTHROPIC_API_KEY",
                        CANARY);
        return start(provider, "service", "run");
    }

    /** Runs a command of the image to its end; returns its output. */
    private String run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private String run(Map<String, String> variables, String... arguments) throws Exception {
        try (JavaProcess command = start(variables, "command", arguments)) {
            var _ = command.await();
            return command.log();
        }
    }

    private JavaProcess start(Map<String, String> variables, String name, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of("../../image/run").toAbsolutePath().toString());
        command.add(image);
        command.add(config.toString());
        command.add(Files.createDirectories(folder.resolve("state")).toString());
        command.addAll(List.of(arguments));
        return JavaProcess.command(command, variables, folder.resolve(name + ".log"));
    }

    private static Path proc(JavaProcess process, String file) {
        return Path.of("/proc", String.valueOf(process.pid()), file);
    }

    private static String status(JavaProcess process) throws IOException {
        return Files.readString(proc(process, "status"));
    }

    private static String page(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI address = URI.create("http://127.0.0.1:" + PORT + path);
            return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
