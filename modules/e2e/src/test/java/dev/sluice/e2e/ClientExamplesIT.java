package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/CLIENTS.md, as users run them. */
class ClientExamplesIT {
    private static final Path EXAMPLES = Path.of("../../examples").toAbsolutePath().normalize();
    private static final String PAGE = EXAMPLES.resolve("pages/good-page.html").toString();
    private static final String TITLE = "How to descale an espresso machine in 20 minutes";

    @TempDir private Path folder;

    private Pipeline pipeline;

    @BeforeEach
    void start() throws Exception {
        pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
        assertThat(Commands.run(pipeline, folder, "topics", "create").exitCode()).isZero();
        pipeline.start(EnumSet.allOf(Role.class));
    }

    @AfterEach
    void stop() {
        pipeline.close();
    }

    @Test
    void nodePublishesAndReads() throws Exception {
        ForeignClient.require("node");
        ForeignClient.require("npm");
        Path programs = copied("node");
        ForeignClient.install(programs);

        assertThat(run(programs, "node", "publish.js", "from-node", "ann", PAGE))
                .isEqualTo("published from-node\n");
        publishInvalid();
        assertThat(run(programs, "node", "read.js", "2").lines())
                .containsExactlyInAnyOrder(
                        "from-node: " + TITLE, "empty: INVALID_REQUEST, content is empty");
    }

    @Test
    void pythonPublishesAndReads() throws Exception {
        String python = python();
        Path programs = copied("python");

        assertThat(run(programs, python, "publish.py", "from-python", "ann", PAGE))
                .isEqualTo("published from-python\n");
        publishInvalid();
        assertThat(run(programs, python, "read.py", "2").lines())
                .containsExactlyInAnyOrder(
                        "from-python: " + TITLE, "empty: INVALID_REQUEST, content is empty");
    }

    @Test
    void kcatShowsHowRequestsEnded() throws Exception {
        ForeignClient.require("kcat");
        pipeline.publish(Pipeline.request("fine", Files.readString(Path.of(PAGE))));
        publishInvalid();
        assertThat(pipeline.committed.awaitOutcomes(2, PATIENCE)).hasSize(2);

        assertThat(kcat(pipeline.connection.topics().results("seo"), "result of %k\\n"))
                .isEqualTo("result of fine\n");
        assertThat(kcat(pipeline.connection.topics().deadLetters(), "%k: %h\\n"))
                .startsWith("empty: ")
                .contains("sluice-reason=INVALID_REQUEST");
    }

    private void publishInvalid() {
        pipeline.publish(Pipeline.request("empty", " "));
    }

    private String kcat(String topic, String format) throws Exception {
        return new String(
                ForeignClient.run(
                        folder,
                        List.of(
                                "kcat",
                                "-C",
                                "-q",
                                "-e",
                                "-b",
                                ForeignClient.brokers(pipeline.connection),
                                "-t",
                                topic,
                                "-o",
                                "beginning",
                                "-f",
                                format)),
                StandardCharsets.UTF_8);
    }

    /** Runs a program with the addresses before its own arguments. */
    private String run(Path programs, String language, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(language, program));
        command.add(ForeignClient.brokers(pipeline.connection));
        command.add(String.valueOf(pipeline.connection.registry().get("schema.registry.url")));
        command.add(pipeline.connection.topics().prefix());
        command.addAll(List.of(arguments));
        return new String(
                ForeignClient.run(programs, command, Map.of("PYTHONIOENCODING", "utf-8")),
                StandardCharsets.UTF_8);
    }

    /** A copy, so that nothing is installed in the project. */
    private Path copied(String language) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(language));
        try (Stream<Path> files = Files.list(EXAMPLES.resolve("clients").resolve(language))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    /** A Python that has the packages; Debian's is not always the first on the path. */
    private String python() throws IOException, InterruptedException {
        for (String candidate : List.of("python3", "/usr/bin/python3")) {
            try {
                var _ =
                        ForeignClient.run(
                                folder,
                                List.of(candidate, "-c", "import avro.io, confluent_kafka"));
                return candidate;
            } catch (IllegalStateException | IOException e) {
                continue;
            }
        }
        throw ForeignClient.skipped("no Python has confluent_kafka and avro");
    }
}
