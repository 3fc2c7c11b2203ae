package dev.sluice.bench.quota;

import dev.sluice.bench.measure.Core;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B1: the used share of a rate limit. */
@Command(
        name = "quota",
        description =
                "B1: how much of a limit of tokens is used, and how many calls are turned away, whatever"
                        + " the provider enforces? Nothing is configured but the limit.")
public final class QuotaSaturation implements Callable<Integer> {
    private static final long TOKENS_PER_MINUTE = 10_000_000;

    @Option(
            names = "--policies",
            split = ",",
            defaultValue = "bucket:60s:settles,bucket:5s:settles,window:1s,window:10s,window:60s")
    private List<String> policies = List.of();

    @Option(
            names = "--turned-away",
            split = ",",
            defaultValue = "0",
            description = "Shares of the calls that the provider turns away at random.")
    private List<Double> turnedAway = List.of();

    @Option(names = "--callers", split = ",")
    private Caller[] callers = Caller.values();

    @Option(names = "--warm-up", defaultValue = "60", description = "Seconds.")
    private int warmUp;

    @Option(names = "--seconds", defaultValue = "120")
    private int seconds;

    @Override
    public Integer call() throws IOException {
        System.out.printf(
                "B1 %d tokens a minute; calls reserve about 2,000 tokens and use half of them;"
                        + " replies after 0.5 to 1.5 s%n",
                TOKENS_PER_MINUTE);
        for (String policy : policies) {
            for (double share : turnedAway) {
                run(policy, share);
            }
        }
        return 0;
    }

    private void run(String policy, double share) throws IOException {
        for (Caller caller : callers) {
            if (!caller.suits(policy)) {
                continue;
            }
            try (Core.Running provider =
                            Core.SERVER.start(
                                    LimitedProvider.class,
                                    List.of(),
                                    List.of(
                                            TOKENS_PER_MINUTE + ":" + policy,
                                            "throttled=" + share));
                    Core.Running run =
                            Core.CLIENT.start(
                                    QuotaRun.class,
                                    List.of(),
                                    List.of(
                                            caller.name(),
                                            provider.first(),
                                            String.valueOf(TOKENS_PER_MINUTE),
                                            String.valueOf(warmUp),
                                            String.valueOf(seconds)))) {
                System.out.printf(
                        "B1 %-18s %.2f at random  %-20s %s%n", policy, share, caller, run.first());
            }
        }
    }
}
