package dev.sluice.devkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Java program in a process of its own, on this JVM's class path, that can be stopped, stalled
 * and killed. What it says goes to a file.
 */
public final class JavaProcess implements AutoCloseable {
    /** Quick to start, small, and without warnings about what Kafka and Netty do. */
    private static final List<String> FLAGS =
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx512m",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private final Process process;
    private final Path log;

    /**
     * What to run.
     *
     * @param jvmFlags beside the usual ones, which they override
     * @param variables of its environment, beside this process's own
     */
    public record Program(
            String mainClass,
            List<String> arguments,
            List<String> jvmFlags,
            Map<String, String> variables) {
        public Program {
            arguments = List.copyOf(arguments);
            jvmFlags = List.copyOf(jvmFlags);
            variables = Map.copyOf(variables);
        }
    }

    private JavaProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it.
     *
     * @param log appended to
     */
    public static JavaProcess start(Program program, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(program.jvmFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.mainClass()));
        command.addAll(program.arguments());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(program.variables());
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new JavaProcess(builder.start(), log);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * What it ended with.
     *
     * @throws IllegalThreadStateException if it still runs
     */
    public int exitCode() {
        return process.exitValue();
    }

    /** SIGTERM, and wait until it is gone. */
    public int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not stop: " + log());
        }
        return process.exitValue();
    }

    /** SIGKILL, and wait until it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process could not be killed");
        }
    }

    /** SIGSTOP: it stands still and nobody is told. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** All it has said. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("kill -" + name + " ended with " + kill.exitValue());
        }
    }
}
