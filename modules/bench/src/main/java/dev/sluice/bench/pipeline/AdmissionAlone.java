package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B7: admission without workers. */
@Command(
        name = "admission",
        description =
                "B7: what does it cost to let a request pass, and how long does it take? Admission alone"
                        + " on one core, exactly once; from the request produced to its job readable.")
public final class AdmissionAlone implements Callable<Integer> {
    /** Seconds of warm-up at each rate. */
    private static final int RATE_WARM_UP = 3;

    @Option(names = "--content-bytes", defaultValue = "1024,8192", split = ",")
    private int[] contentBytes = {};

    @Option(names = "--records", defaultValue = "200000", description = "All at once.")
    private int records;

    @Option(names = "--warm-up", defaultValue = "300000")
    private int warmUp;

    @Option(
            names = "--rate",
            defaultValue = "2000,5000",
            split = ",",
            description = "Requests a second, to measure what they are delayed by.")
    private double[] rates = {};

    @Option(names = "--seconds", defaultValue = "20", description = "At each rate.")
    private int seconds;

    @Option(
            names = "--samples",
            description =
                    "Say where CPU is used, and leave Flight Recorder's samples in this folder.")
    private @Nullable Path samples;

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int bytes : contentBytes) {
            try (Bench bench = Bench.ofAdmission(bytes, Bench.USERS)) {
                var _ = bench.load().run("warm-", warmUp, 0);
                bench.pin();
                throughput(bench, bytes);
                for (double rate : rates) {
                    latency(bench, bytes, rate);
                }
            }
        }
        return 0;
    }

    private void throughput(Bench bench, int bytes) throws IOException, InterruptedException {
        if (samples != null) {
            bench.sample();
        }
        double cpu = bench.cpuMicros();
        Load.Times times = bench.load().run("r-", records, 0);
        System.out.printf(
                "B7 %d records of %d bytes: %5.0f records/s  %4.1f µs CPU a record%n",
                records,
                bytes,
                records / (times.elapsed().toNanos() / 1e9),
                (bench.cpuMicros() - cpu) / records);
        if (samples != null) {
            System.out.println(
                    "   of which " + bench.sampled(samples.resolve("admission-" + bytes + ".jfr")));
        }
    }

    private void latency(Bench bench, int bytes, double rate)
            throws IOException, InterruptedException {
        int count = (int) (rate * seconds);
        var _ = bench.load().run("w" + (int) rate + "-", (int) (rate * RATE_WARM_UP), rate);
        double cpu = bench.cpuMicros();
        Load.Times times = bench.load().run("l" + (int) rate + "-", count, rate);
        System.out.printf(
                "B7 %d bytes, %.0f a second: p50 %3.0f ms  p90 %3.0f ms  p99 %3.0f ms  %4.1f µs CPU a"
                        + " record%n",
                bytes,
                rate,
                times.millis(0.5),
                times.millis(0.9),
                times.millis(0.99),
                (bench.cpuMicros() - cpu) / count);
    }
}
