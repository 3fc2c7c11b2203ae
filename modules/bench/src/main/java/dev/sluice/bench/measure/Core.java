package dev.sluice.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A CPU core to which programs can be pinned. */
public enum Core {
    /** The core of the measured program. */
    CLIENT(0),
    /** The core of all other programs. */
    SERVER(1);

    /** Gigabytes of the heap of what is measured. */
    public static final int HEAP = 6;

    private final int number;

    Core(int number) {
        this.number = number;
    }

    /** A program on this core. Its first line of output means that it is ready. */
    public static final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader said;
        private final String first;

        private Running(Process process, BufferedReader said, String first) {
            this.process = process;
            this.said = said;
            this.first = first;
        }

        /** Its first line of output. */
        public String first() {
            return first;
        }

        /** Pins the program to a core. */
        public void pin(Core core) throws IOException, InterruptedException {
            core.pin(process.pid());
        }

        /** Writes a line to its standard input and reads one line of its output. */
        private String ask(String line) throws IOException {
            Writer in = process.outputWriter(StandardCharsets.UTF_8);
            in.write(line + "\n");
            in.flush();
            String answer = said.readLine();
            if (answer == null) {
                throw new IOException("the measured program has ended");
            }
            return answer;
        }

        /** CPU time that it has used so far, in microseconds; it must be a {@link Contender}. */
        public double cpuMicros() throws IOException {
            return Double.parseDouble(ask(Contender.CPU));
        }

        /** Bytes of its heap that are in use after a collection; it must be a {@link Contender}. */
        public long liveHeap() throws IOException {
            return Long.parseLong(ask(Contender.HEAP));
        }

        /** CPU time of any process as the system counts it, in microseconds. */
        public double totalCpuMicros() {
            return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e3;
        }

        /** Begins CPU sampling. */
        public void sample() throws IOException {
            var _ = ask(Contender.SAMPLE);
        }

        /** Ends CPU sampling, keeps the samples in a file, and returns the CPU time by part. */
        public CpuByPart sampled(Path file) throws IOException {
            Files.createDirectories(file.toAbsolutePath().getParent());
            var _ = ask(Contender.WRITE + file.toAbsolutePath());
            return CpuByPart.read(file);
        }

        /** Its next line of output. */
        public String next() throws IOException {
            String line = said.readLine();
            return line == null ? "(ended)" : line;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** Pins all threads of a process to this core. */
    public void pin(long pid) throws IOException, InterruptedException {
        int status =
                new ProcessBuilder("taskset", "-acp", String.valueOf(number), String.valueOf(pid))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException("taskset failed");
        }
    }

    /**
     * Starts a class of this module, pinned to this core, and waits for its first line of output.
     */
    public Running start(Class<?> main, List<String> jvmFlags, List<String> arguments)
            throws IOException {
        return start(List.of("taskset", "-c", String.valueOf(number)), main, jvmFlags, arguments);
    }

    /**
     * The same, but not pinned until {@link Running#pin}.
     *
     * @param cores whose share of threads the program has
     * @param heap gigabytes of its heap
     */
    public static Running startUnpinned(
            int cores, int heap, Class<?> main, List<String> jvmFlags, List<String> arguments)
            throws IOException {
        List<String> flags = new ArrayList<>(jvmFlags);
        // Allocate the whole heap at the start: a small heap that grows is collected all the time.
        flags.addAll(
                List.of(
                        "-XX:ActiveProcessorCount=" + cores,
                        "-XX:+UseSerialGC",
                        "-Xms" + heap + "g",
                        "-Xmx" + heap + "g"));
        return start(List.of(), main, flags, arguments);
    }

    private static Running start(
            List<String> prefix, Class<?> main, List<String> jvmFlags, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dlogback.configurationFile=logback-bench.xml",
                        "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                        "-Xmx6g"));
        command.addAll(jvmFlags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String first = said.readLine();
        if (first == null) {
            throw new IOException(main.getSimpleName() + " ended without a line of output");
        }
        return new Running(process, said, first);
    }
}
