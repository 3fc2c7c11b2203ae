package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** A command of Prometheus, where it is installed. */
enum Tool {
    PROMTOOL("promtool", "prometheus"),
    AMTOOL("amtool", "prometheus-alertmanager");

    private final String command;

    /** The Debian package that has the command. */
    private final String origin;

    Tool(String command, String origin) {
        this.command = command;
        this.origin = origin;
    }

    /** Runs the command, which must succeed, and returns what it prints. */
    String run(String... arguments) throws InterruptedException {
        List<String> words = Stream.concat(Stream.of(command), Stream.of(arguments)).toList();
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } catch (IOException e) {
            assumeTrue(
                    false, "SKIPPED: %s (package %s) is not installed".formatted(command, origin));
            throw new UncheckedIOException(e);
        }
    }
}
