package dev.sluice.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;

/**
 * The protocol of a measured process: commands on standard input and answers on standard output,
 * one line each.
 */
public final class Contender {
    /** Command: print the CPU time that the process has used, in microseconds. */
    static final String CPU = "cpu";

    /** Command: begin CPU sampling. */
    static final String SAMPLE = "sample";

    /** Command, followed by a file: end CPU sampling and write the samples to the file. */
    static final String WRITE = "write ";

    /** Command: collect garbage and print the bytes that are in use. */
    static final String HEAP = "heap";

    private static final Duration PERIOD = Duration.ofMillis(5);

    private Contender() {}

    /** Prints that the process is ready, and answers commands until standard input ends. */
    public static void serve() throws IOException {
        System.out.println("ready");
        try (BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8));
                Recording samples = new Recording()) {
            samples.enable("jdk.CPUTimeSample").with("throttle", PERIOD.toMillis() + "ms");
            samples.enable("jdk.GarbageCollection");
            String asked;
            while ((asked = in.readLine()) != null) {
                if (asked.equals(SAMPLE)) {
                    samples.start();
                } else if (asked.startsWith(WRITE)) {
                    samples.stop();
                    samples.dump(Path.of(asked.substring(WRITE.length())));
                }
                System.out.println(
                        asked.equals(HEAP) ? Meter.liveHeap() : Meter.cpu().toNanos() / 1_000);
            }
        }
    }
}
