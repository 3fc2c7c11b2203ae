package dev.sluice.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
                """
                        .formatted(
                                pipeline.connection.client().get("bootstrap.servers"),
                                pipeline.connection.registry().get("schema.registry.url"),
                                pipeline.connection.topics().prefix()));
        return config;
    }
}
