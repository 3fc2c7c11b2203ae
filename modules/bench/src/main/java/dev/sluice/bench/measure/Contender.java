package dev.sluice.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;

/** What a measured process is asked on standard input, and its answers: one line each. */
public final class Contender {
    /** Answered with the process's CPU so far, microseconds. */
    static final String CPU = "cpu";

    /** Begins to sample where CPU is used. */
    static final String SAMPLE = "sample";

    /** Followed by a file: ends that, and writes the samples there. */
    static final String WRITE = "write ";

    private static final Duration PERIOD = Duration.ofMillis(5);

    private Contender() {}

    /** Says that it is ready, and answers until nobody asks any more. */
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
                System.out.println(Meter.cpu().toNanos() / 1_000);
            }
        }
    }
}
