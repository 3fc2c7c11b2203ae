package dev.sluice.e2e;

import dev.sluice.app.Main;
import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.devkit.JavaProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Commands of {@code sluice} at a pipeline. */
final class Commands {
    private Commands() {}

    /** Writes the configuration of commands. */
    static Path config(Pipeline pipeline, Path folder) throws IOException {
        Path config = folder.resolve("sluice.yaml");
        Files.writeString(
                config,
                """
                kafka:
                  bootstrap.servers: %s
                schema-registry:
                  schema.registry.url: %s
                topics:
                  prefix: %s
                  partitions: %d
                  replicas: 1
                """
                        .formatted(
                                pipeline.connection.client().get("bootstrap.servers"),
                                pipeline.connection.registry().get("schema.registry.url"),
                                pipeline.connection.topics().prefix(),
                                Pipeline.PARTITIONS));
        return config;
    }

    /** What a command printed, and how it ended. */
    record Ran(int exitCode, String out, String err) {}

    /** Runs a command at a pipeline, in this process. */
    static Ran run(Pipeline pipeline, Path folder, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config(pipeline, folder).toString()));
        return run(all.toArray(String[]::new));
    }

    /** Runs a command in this process. */
    static Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                SluiceCommand.commandLine(Optional.empty())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(arguments);
        return new Ran(exitCode, out.toString(), err.toString());
    }

    /** Starts a command in a process of its own. */
    static JavaProcess start(Pipeline pipeline, Path folder, Path log, String... arguments)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config(pipeline, folder).toString()));
        return JavaProcess.start(
                new JavaProcess.Program(Main.class.getName(), all, List.of(), Map.of()), log);
    }
}
