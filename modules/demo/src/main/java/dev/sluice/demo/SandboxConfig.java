package dev.sluice.demo;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.app.cli.common.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The configuration file of a sandbox: with it {@code sluice run} runs against the sandbox. */
final class SandboxConfig {
    private static final String FIRST_LINE = "# Written by `sluice sandbox`.";

    private SandboxConfig() {}

    /**
     * Writes the file, replacing an earlier one of a sandbox.
     *
     * @throws CommandFailedException if the file exists and was not written by a sandbox, or cannot
     *     be written
     */
    static void write(Path file, Sandbox sandbox) {
        requireOwn(file);
        Path whole = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(whole, text(sandbox));
            var _ = Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailedException("cannot write " + file + ": " + e);
        }
    }

    /**
     * Checks that a sandbox may write the file.
     *
     * @throws CommandFailedException if it exists and was not written by a sandbox
     */
    static void requireOwn(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (var lines = Files.lines(file)) {
            if (!lines.findFirst().orElse("").startsWith(FIRST_LINE)) {
                throw new CommandFailedException(
                        file
                                + " exists and is not of a sandbox; choose another with --config FILE");
            }
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailedException("cannot read " + file + ": " + e);
        }
    }

    private static String text(Sandbox sandbox) {
        StringBuilder yaml = new StringBuilder();
        yaml.append(FIRST_LINE)
                .append(" It is valid while that sandbox runs.\nkafka:\n  bootstrap.servers: ")
                .append(sandbox.bootstrapServers())
                .append("\nschema-registry:\n  schema.registry.url: ")
                .append(sandbox.registryUrl())
                .append("\ntopics:\n  partitions: ")
                .append(Sandbox.PARTITIONS)
                .append("\n  replicas: 1\nmodels:\n");
        sandbox.models().forEach((name, places) -> addModel(yaml, name, places));
        return yaml.toString();
    }

    private static void addModel(StringBuilder yaml, String name, List<Deployment> places) {
        yaml.append("  \"").append(name).append("\":\n    deployments:\n");
        for (Deployment place : places) {
            yaml.append("      - base-url: ")
                    .append(place.endpoint().baseUrl())
                    .append("\n        api-key: simulator\n        requests-per-minute: ")
                    .append(Sandbox.UNLIMITED)
                    .append('\n');
        }
    }
}
