package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice config check} against brokers and a registry. */
class ConfigCheckIT {
    @TempDir private Path folder;

    @Test
    void whatIsMissingIsNamedUntilItIsThere() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            Commands.Ran before = check(pipeline);
            assertThat(before.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(before.out())
                    .containsPattern("ok +configuration +3 analyses, \\d models")
                    .containsPattern("ok +brokers +1 at")
                    .containsPattern(
                            "problem +schema registry +has no schema of requests .*: run sluice"
                                    + " topics create")
                    .contains("1 problem");

            assertThat(Commands.run(pipeline, folder, "topics", "create").exitCode()).isZero();
            Commands.Ran after = check(pipeline);
            assertThat(after.out()).endsWith("no problems\n");
            assertThat(after.exitCode()).isZero();

            pipeline.registry.fail(401);
            assertThat(check(pipeline).out())
                    .containsPattern("problem +schema registry +")
                    .contains("401");
            pipeline.registry.recover();
        }
    }

    @Test
    void missingTopicsAreNamed() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start()) {
            Path config =
                    Files.writeString(
                            folder.resolve("other.yaml"),
                            """
                            kafka.bootstrap.servers: %s
                            schema-registry.schema.registry.url: %s
                            topics.prefix: nothing.
                            """
                                    .formatted(TestBroker.bootstrapServers(), registry.url()));

            Commands.Ran ran = Commands.run("config", "check", "--config", config.toString());

            assertThat(ran.out())
                    .contains("topics are missing: run sluice topics create (")
                    .contains("nothing.requests.v1")
                    .contains("nothing.internal.jobs.gpt-4.1-mini.v1");
        }
    }

    private Commands.Ran check(Pipeline pipeline) throws Exception {
        return Commands.run(pipeline, folder, "config", "check", "--roles", "admission");
    }
}
