package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B4: whether slow calls delay fast ones. */
@Command(
        name = "head-of-line",
        description =
                "B4: do slow calls hold up fast ones? One call of a hundred takes a hundred times as"
                        + " long; the 98th percentile is that of fast calls.")
public final class HeadOfLine implements Callable<Integer> {
    @Option(names = "--rate", defaultValue = "100", description = "Requests a second.")
    private double rate;

    @Option(names = "--reply-millis", defaultValue = "200")
    private int replyMillis;

    @Option(names = "--warm-up", defaultValue = "40", description = "Seconds.")
    private int warmUp;

    @Option(names = "--seconds", defaultValue = "60")
    private int seconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (boolean stragglers : new boolean[] {false, true}) {
            try (Bench bench =
                    Bench.ofSluice(
                            Bench.Setup.USUAL, replyMillis, stragglers, 1_024, Bench.USERS)) {
                var _ = bench.load().run("warm-", (int) (rate * warmUp), rate);
                bench.pin();
                Load.Times times = bench.load().run("r-", (int) (rate * seconds), rate);
                // The 99th percentile of the fast calls only, which are 99 of 100.
                double fast = stragglers ? 0.99 : 1;
                System.out.printf(
                        "B4 %-15s %4.0f requests/s, fast calls take %d ms: p50 %.0f ms  p99 of fast %.0f"
                                + " ms%n",
                        stragglers ? "1 % stragglers" : "no stragglers",
                        rate,
                        replyMillis,
                        times.millis(0.5 * fast),
                        times.millis(0.99 * fast));
            }
        }
        return 0;
    }
}
