package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B6: the latency that Sluice adds. */
@Command(
        name = "latency",
        description =
                "B6: how much longer does an analysis take than its model? From the request produced to"
                        + " its outcome readable, through both hops, less the model's own time.")
public final class AddedLatency implements Callable<Integer> {
    @Option(names = "--rate", defaultValue = "100", description = "Requests a second.")
    private double rate;

    @Option(names = "--reply-millis", defaultValue = "200")
    private int replyMillis;

    @Option(names = "--content-bytes", defaultValue = "1024")
    private int contentBytes;

    @Option(
            names = "--warm-up",
            defaultValue = "60",
            description = "Seconds at the rate on all cores, and half as long again on one.")
    private int warmUp;

    @Option(names = "--seconds", defaultValue = "60")
    private int seconds;

    @Option(names = "--journal", arity = "1", defaultValue = "true,false", split = ",")
    private boolean[] journal = {};

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (boolean on : journal) {
            try (Bench bench =
                    Bench.ofSluice(
                            Bench.Setup.USUAL.withJournal(on),
                            replyMillis,
                            false,
                            contentBytes,
                            Bench.USERS)) {
                var _ = bench.load().run("warm-", (int) (rate * warmUp), rate);
                bench.pin();
                // On one core, the compiler uses a part of the program's CPU at first.
                var _ = bench.load().run("pinned-", (int) (rate * warmUp / 2), rate);
                int count = (int) (rate * seconds);
                Stages stages = bench.load().watch("r-", count);
                double cpu = bench.cpuMicros();
                Load.Times times = bench.load().run("r-", count, rate);
                System.out.printf(
                        "B6 journal %-5s %4.0f requests/s of %d bytes, model %d ms: p50 %.0f ms  p90"
                                + " %.0f  p99 %.0f added  %.0f µs CPU a record%n",
                        on,
                        rate,
                        contentBytes,
                        replyMillis,
                        times.millis(0.5) - replyMillis,
                        times.millis(0.9) - replyMillis,
                        times.millis(0.99) - replyMillis,
                        (bench.cpuMicros() - cpu) / times.nanos().length);
                System.out.println("   of which " + stages);
            }
        }
        return 0;
    }
}
