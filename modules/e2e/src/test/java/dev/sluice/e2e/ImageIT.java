package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image runs the whole pipeline: as user 65532, with a root that cannot be written to, and
 * without the class path of this JVM. Needs {@code -Dimage.name}, an image that Docker knows. Or
 * {@code -Dimage.folder}, the folder of {@code image/layout}, and root, for mounts.
 */
class ImageIT {
    /** Not among the ports that systems give to outgoing connections. */
    private static final int PORT = 18_473;

    private static final String CANARY = "canary-key-5f1d";
    private static final String SERVICE = "service";
    private static final String CONTAINER = "sluice-image-it";
    private static final int REQUESTS = 20;

    /** The exit code of a JVM that SIGTERM ended. */
    private static final int TERMINATED = 143;

    private final String name = System.getProperty("image.name", "");
    private final String files = System.getProperty("image.folder", "");

    @TempDir private Path folder;
    private Path config;

    @BeforeEach
    void requireImage() throws IOException {
        config = Files.createDirectory(folder.resolve("config"));
        assumeTrue(
                !name.isEmpty() || !files.isEmpty(),
                "SKIPPED: the image is not tested; name it with -Dimage.name, or give its files"
                        + " with -Dimage.folder");
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
            assertThat(Files.readString(proc(service, "status")))
                    .contains("Uid:\t65532\t65532\t65532\t65532")
                    .contains("Gid:\t65532\t65532\t65532\t65532")
                    .contains("CapEff:\t0000000000000000");
            assertThat(page("/metrics"))
                    .contains("sluice_outcome_duration_seconds_bucket{analysis=\"seo\"")
                    .contains("sluice_stage_duration_seconds_count{stage=\"publish\"} 20")
                    .containsPattern("sluice_answers_total\\{.*validity=\"first\".*} 20.0")
                    .doesNotContain(CANARY);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(page("/api/spend/ann"))
                                    .contains("\"userId\":\"ann\"", "spentUsd"));
            assertThat(Files.readString(proc(service, "cmdline"))).doesNotContain(CANARY);
            if (!name.isEmpty()) {
                await().atMost(PATIENCE)
                        .until(() -> docker("{{.State.Health.Status}}"), "healthy"::equals);
            }
            assertThat(service.stop()).as(service.log()).isEqualTo(TERMINATED);
            assertThat(service.log()).contains("service started").doesNotContain(CANARY);
            assertThat(filesWithTheCanary()).isEmpty();
        }
    }

    @Test
    void standInsAreNotInTheImage() throws IOException {
        assumeTrue(!files.isEmpty(), "only the folder can be listed");
        try (Stream<Path> found = Files.walk(Path.of(files))) {
            assertThat(found.map(Path::getFileName).map(String::valueOf))
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
                                TestBroker.bootstrapServers(),
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
        return start(provider, SERVICE, "run");
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

    private JavaProcess start(Map<String, String> variables, String log, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (name.isEmpty()) {
            command.add(Path.of("../../image/run").toAbsolutePath().toString());
            command.add(files);
            command.add(config.toString());
            command.add(Files.createDirectories(folder.resolve("state")).toString());
        } else {
            command.addAll(List.of("docker", "run", "--rm", "--network", "host", "--read-only"));
            command.addAll(List.of("--cap-drop", "ALL", "--security-opt", "no-new-privileges"));
            command.addAll(List.of("--health-interval", "2s", "-v", config + ":/etc/sluice:ro"));
            if (log.equals(SERVICE)) {
                command.addAll(List.of("--name", CONTAINER));
            }
            // Without a value: it is that of the environment, so it is in no command line.
            variables.keySet().forEach(variable -> command.addAll(List.of("-e", variable)));
            command.add(name);
        }
        command.addAll(List.of(arguments));
        return JavaProcess.command(command, variables, folder.resolve(log + ".log"));
    }

    /** Files of the volume, and of the logs, in which the key can be read. */
    private List<Path> filesWithTheCanary() throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(CANARY)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private Path proc(JavaProcess process, String file) throws Exception {
        String pid = name.isEmpty() ? String.valueOf(process.pid()) : docker("{{.State.Pid}}");
        return Path.of("/proc", pid, file);
    }

    /** What Docker says of the service's container. */
    private static String docker(String template) throws IOException {
        Process inspect =
                new ProcessBuilder("docker", "inspect", "-f", template, CONTAINER).start();
        return new String(inspect.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static String page(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI address = URI.create("http://127.0.0.1:" + PORT + path);
            return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
