package dev.sluice.bench.pipeline;

import dev.sluice.bench.page.PageTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin private RunOptions options = new RunOptions();

    @Option(names = "--content-bytes", defaultValue = "1024,8192", split = ",")
    private int[] contentBytes = {};

    @Option(
            names = "--users",
            defaultValue = "" + Bench.USERS,
            split = ",",
            description = "Numbers of users. Each of them has a request in the warm-up.")
    private int[] users = {};

    @Option(names = "--records", defaultValue = "200000", description = "All at once.")
    private int records;

    @Option(names = "--warm-up", defaultValue = "300000", description = "At least.")
    private int warmUp;

    @Option(
            names = "--most-megabytes",
            defaultValue = "2048",
            description = "Content of all records of a run at most; there are fewer then.")
    private long mostMegabytes;

    @Option(
            names = "--rate",
            defaultValue = "2000,5000",
            split = ",",
            description = "Requests a second, to measure what they are delayed by; 0 for none.")
    private double[] rates = {};

    @Option(names = "--seconds", defaultValue = "20", description = "At each rate.")
    private int seconds;

    private final Map<Row, List<RecordCost>> costs = new LinkedHashMap<>();

    /** A row of the table. */
    private record Row(int bytes, int users) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int run = 0; run < options.runs(); run++) {
            for (int bytes : contentBytes) {
                for (int number : users) {
                    measure(new Row(bytes, number));
                }
            }
        }
        PageTable table = new PageTable("b7", RecordCost.columns("bytes of content", "users"));
        costs.forEach((row, measured) ->
                table.row(
                        RecordCost.row(
                                measured,
                                "%,d".formatted(row.bytes()),
                                "%,d".formatted(row.users()))));
        options.print(table);
        return 0;
    }

    private void measure(Row row) throws IOException, InterruptedException {
        int most = (int) Math.min(Integer.MAX_VALUE, (mostMegabytes << 20) / row.bytes());
        try (Bench bench = Bench.ofAdmission(row.bytes(), row.users())) {
            var _ = bench.load().run("warm-", Math.max(row.users(), Math.min(warmUp, most)), 0);
            bench.pin();
            throughput(bench, row, Math.min(records, most));
            for (double rate : rates) {
                if (rate > 0) {
                    latency(bench, row.bytes(), rate);
                }
            }
        }
    }

    private void throughput(Bench bench, Row row, int count)
            throws IOException, InterruptedException {
        Optional<Path> samples =
                options.samples("admission-" + row.bytes() + "-" + row.users() + "-" + count);
        if (samples.isPresent()) {
            bench.sample();
        }
        RecordCost cost = RecordCost.of(bench, count);
        costs.computeIfAbsent(row, _ -> new ArrayList<>()).add(cost);
        System.out.printf(
                "B7 %d records of %d bytes, %d users: %s%n", count, row.bytes(), row.users(), cost);
        if (samples.isPresent()) {
            System.out.println("   of which " + bench.sampled(samples.get()));
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
