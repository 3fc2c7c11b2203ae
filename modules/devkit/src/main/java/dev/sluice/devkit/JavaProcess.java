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
 * A Java program in a process of its own, on this JVM's class path. It can be stopped, paused and
 * killed. Its output goes to a file.
 */
public final class JavaProcess implements AutoCloseable {
    /** For a fast start, a small heap, and no warnings about Kafka's and Netty's native access. */
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
     * The program to run.
     *
     * @param jvmFlags flags in addition to the default ones, which they override
     * @param variables environment variables in addition to this process's own
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
     * Starts the program.
     *
     * @param log file to which the output is appended
     */
    public static JavaProcess start(Program program, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(program.jvmFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.mainClass()));
        command.addAll(program.arguments());
        return command(command, program.variables(), log);
    }

    /**
     * Starts a command that becomes a Java process.
     *
     * @param variables environment variables in addition to this process's own
     * @param log file to which the output is appended
     */
    public static JavaProcess command(List<String> command, Map<String, String> variables, Path log)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(variables);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new JavaProcess(builder.start(), log);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * The exit code.
     *
     * @throws IllegalThreadStateException if the process still runs
     */
    public int exitCode() {
        return process.exitValue();
    }

    /** Waits until the process has ended by itself; returns its exit code. */
    public int await() throws InterruptedException {
        return process.waitFor();
    }

    /** Sends SIGTERM and waits until the process has ended. */
    public int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not stop: " + log());
        }
        return process.exitValue();
    }

    /** Sends SIGKILL and waits until the process has ended. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process could not be killed");
        }
    }

    /** Sends SIGSTOP: the process stops running, and its connections stay open. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Sends SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** The whole output so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGKILL. */
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
