package dev.sluice.bench.pipeline;

import dev.sluice.bench.page.PageTable;
import dev.sluice.bench.peer.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Benchmark B9: the whole pipeline when the model takes as long as models do. */
@Command(
        name = "model-times",
        description = {
            "B9: how much of what the open calls allow does the whole pipeline do?",
            "Ideal is as many records a second as calls are open, divided by the model's mean time."
                    + " Times are log-normal: most are between half and twice the mean."
        })
public final class ModelTimes implements Callable<Integer> {
    /** The model's time while the compiler is at work. */
    private static final Duration WARM = Duration.ofMillis(100);

    private static final Duration PART = Duration.ofSeconds(10);
    private static final int MOST_PARTS = 24;

    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(2);

    @Mixin private RunOptions options = new RunOptions();

    @Option(
            names = "--means",
            defaultValue = "100,1000,10000",
            split = ",",
            description = "Mean times of the model, milliseconds.")
    private int[] means = {};

    @Option(names = "--open", defaultValue = "4000", description = "Calls in flight at most.")
    private int open;

    @Option(names = "--content-bytes", defaultValue = "1024")
    private int contentBytes;

    @Option(
            names = "--cores",
            defaultValue = "1",
            description = "1 or 2; with 2, broker, model and load use one of them, too.")
    private int cores;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue =
                    "PARALLEL_CONSUMER,PARALLEL_CONSUMER_AT_LEAST_ONCE,SPRING_VIRTUAL_THREADS,"
                            + "VIRTUAL_THREADS,SHARE_CONSUMER",
            description = "${COMPLETION-CANDIDATES}")
    private Peer[] peers = {};

    @Option(names = "--no-peers", description = "Sluice only.")
    private boolean alone;

    @Option(names = "--no-sluice", description = "Peers only.")
    private boolean withoutSluice;

    @Option(
            names = "--warm-up",
            defaultValue = "250000",
            description =
                    "Records on all cores, with a model that takes a tenth of a second; at most four"
                            + " minutes. The compiler needs them.")
    private int warmUp;

    @Option(
            names = "--settle",
            defaultValue = "30",
            description = "Seconds and four times the mean, before each measurement.")
    private int settle;

    @Option(names = "--seconds", defaultValue = "30", description = "Seconds that are measured.")
    private int seconds;

    private final Map<Row, List<Figures>> figures = new LinkedHashMap<>();

    /** A row of the table. */
    private record Row(int mean, String name, String guarantee) {}

    /**
     * What one run has measured.
     *
     * @param cpu microseconds a record
     * @param heap MB that are in use while all calls are open
     * @param p50 milliseconds that an outcome takes longer than its model, at half of this rate
     */
    private record Figures(
            double recordsPerSecond,
            double part,
            double cpu,
            double brokers,
            double heap,
            double p50,
            double p99) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int run = 0; run < options.runs(); run++) {
            if (!withoutSluice) {
                // A tenth of the places is for bulk jobs only.
                Bench.Setup setup =
                        Bench.Setup.USUAL.withInFlight(open * 10 / 9 + 1).withCores(cores);
                try (Bench bench = Bench.ofSluice(setup, 0, false, contentBytes, Bench.USERS)) {
                    measure("Sluice", "exactly once", bench);
                }
            }
            for (Peer peer : alone ? new Peer[0] : peers) {
                try (Bench bench = Bench.ofPeer(peer, contentBytes, open, cores)) {
                    measure(peer.label(), peer.guarantee(), bench);
                } catch (IOException | IllegalStateException e) {
                    // The others are measured nevertheless.
                    System.out.printf("B9 %-32s given up: %s%n", peer.label(), e.getMessage());
                }
            }
        }
        PageTable table =
                new PageTable(
                        "b9",
                        List.of(
                                "mean time of the model",
                                "",
                                "answers are written",
                                "records a second",
                                "part of ideal, %",
                                "CPU a record, µs",
                                "the brokers', µs",
                                "heap in use, MB",
                                "added at half of that rate: p50, ms",
                                "p99, ms"));
        figures.entrySet().stream()
                .sorted(Map.Entry.comparingByKey((a, b) -> Integer.compare(a.mean(), b.mean())))
                .forEach(row ->
                        table.row(
                                List.of(
                                        row.getKey().mean() + " ms",
                                        row.getKey().name(),
                                        row.getKey().guarantee(),
                                        RunOptions.median(
                                                row.getValue(), Figures::recordsPerSecond, "%.0f"),
                                        RunOptions.median(row.getValue(), Figures::part, "%.1f"),
                                        RunOptions.median(row.getValue(), Figures::cpu, "%.0f"),
                                        RunOptions.median(row.getValue(), Figures::brokers, "%.0f"),
                                        RunOptions.median(row.getValue(), Figures::heap, "%.0f"),
                                        RunOptions.median(row.getValue(), Figures::p50, "%.0f"),
                                        RunOptions.median(row.getValue(), Figures::p99, "%.0f"))));
        options.print(table);
        return 0;
    }

    private void measure(String name, String guarantee, Bench bench)
            throws IOException, InterruptedException {
        Load load = bench.load();
        // Enough for the large batches of some peers.
        int waiting = 8 * open + Bench.USERS;
        load.drawModelTimes(WARM);
        long warm = 0;
        for (int part = 0; part < MOST_PARTS && warm < warmUp; part++) {
            warm += load.saturate("warm-" + part + "-", waiting, PART);
        }
        if (!isDrained(name, load)) {
            return;
        }
        if (cores == 1) {
            bench.pin();
        }
        for (int mean : means) {
            load.drawModelTimes(Duration.ofMillis(mean));
            // Until as many calls are open as can be, and as many end as begin.
            Duration settling =
                    Duration.ofSeconds(settle).plus(Duration.ofMillis(mean).multipliedBy(4));
            Saturation at = saturated(name, bench, "full-" + mean + "-", waiting, settling);
            double heap = bench.liveHeap() / (double) (1 << 20);
            if (!isDrained(name, load)) {
                return;
            }
            double rate = at.recordsPerSecond() / 2;
            Load.Times times =
                    load.run(
                            "half-" + mean + "-",
                            (int) Math.max(100, rate * (seconds + mean / 1_000)),
                            rate);
            Figures run =
                    new Figures(
                            at.recordsPerSecond(),
                            100 * at.recordsPerSecond() * mean / 1_000 / open,
                            at.cpu(),
                            at.brokers(),
                            heap,
                            times.millis(0.5),
                            times.millis(0.99));
            figures.computeIfAbsent(new Row(mean, name, guarantee), _ -> new ArrayList<>())
                    .add(run);
            System.out.printf(
                    "B9 %-32s %5d ms, %d open, %d core(s): %5.0f records/s, %5.1f %% of ideal,"
                            + " %4.0f µs CPU a record, %4.0f the brokers', %3.0f MB of heap; at half of that:"
                            + " p50 %.0f ms, p99 %.0f ms added%n",
                    name,
                    mean,
                    open,
                    cores,
                    run.recordsPerSecond(),
                    run.part(),
                    run.cpu(),
                    run.brokers(),
                    run.heap(),
                    run.p50(),
                    run.p99());
        }
    }

    /** The rate and the CPU of a time in which calls could not be more. */
    private record Saturation(double recordsPerSecond, double cpu, double brokers) {}

    private Saturation saturated(
            String name, Bench bench, String prefix, int waiting, Duration settling)
            throws IOException, InterruptedException {
        var _ = bench.load().saturate(prefix + "s-", waiting, settling);
        Optional<Path> samples = options.samples(name + "-" + prefix + "-" + System.nanoTime());
        if (samples.isPresent()) {
            bench.sample();
        }
        double cpu = bench.cpuMicros();
        double brokers = bench.surroundingsCpuMicros();
        long start = System.nanoTime();
        long outcomes = bench.load().saturate(prefix, waiting, Duration.ofSeconds(seconds));
        double took = (System.nanoTime() - start) / 1e9;
        double used = bench.cpuMicros() - cpu;
        double brokersUsed = bench.surroundingsCpuMicros() - brokers;
        if (samples.isPresent()) {
            System.out.println("   of which " + bench.sampled(samples.get()));
        }
        return new Saturation(outcomes / took, used / outcomes, brokersUsed / outcomes);
    }

    private static boolean isDrained(String name, Load load) {
        int left = load.drain(LONGEST_DRAIN);
        if (left > 0) {
            System.out.printf("B9 %-32s %d requests have no outcome; given up%n", name, left);
        }
        return left == 0;
    }
}
