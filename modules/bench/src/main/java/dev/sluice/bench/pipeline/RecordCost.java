package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a record costs if as many as possible are processed.
 *
 * @param cpu microseconds of the measured processes
 * @param brokers microseconds of broker and registry
 */
record RecordCost(double recordsPerSecond, double cpu, double brokers) {
    private static final List<String> COLUMNS =
            List.of("records a second", "CPU a record, µs", "the brokers', µs");

    /** Publishes so many records at once, and measures until all have ended. */
    static RecordCost of(Bench bench, int records) throws IOException, InterruptedException {
        double cpu = bench.cpuMicros();
        double brokers = bench.surroundingsCpuMicros();
        Load.Times times = bench.load().run("r-", records, 0);
        return new RecordCost(
                records / (times.elapsed().toNanos() / 1e9),
                (bench.cpuMicros() - cpu) / records,
                (bench.surroundingsCpuMicros() - brokers) / records);
    }

    /** The columns of a table of such costs. */
    static List<String> columns(String... first) {
        return Stream.concat(Stream.of(first), COLUMNS.stream()).toList();
    }

    /** A row of that table, with the medians of all runs. */
    static List<String> row(List<RecordCost> runs, String... first) {
        return Stream.concat(
                        Stream.of(first),
                        Stream.of(
                                RunOptions.median(runs, RecordCost::recordsPerSecond, "%.0f"),
                                RunOptions.median(runs, RecordCost::cpu, "%.0f"),
                                RunOptions.median(runs, RecordCost::brokers, "%.0f")))
                .toList();
    }

    @Override
    public String toString() {
        return "%5.0f records/s  %5.1f µs CPU a record, %5.1f the brokers'"
                .formatted(recordsPerSecond, cpu, brokers);
    }
}
