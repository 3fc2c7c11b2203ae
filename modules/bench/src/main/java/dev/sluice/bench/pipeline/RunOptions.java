package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Spread;
import dev.sluice.bench.page.PageTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the benchmarks that compare contenders in several runs. */
final class RunOptions {
    @Option(
            names = "--runs",
            defaultValue = "1",
            description = "Runs of each; they take turns. The table has their medians.")
    private int runs;

    @Option(names = "--page", description = "The page on which the table is replaced.")
    private @Nullable Path page;

    @Option(
            names = "--samples",
            description =
                    "Say where CPU is used, and leave Flight Recorder's samples in this folder.")
    private @Nullable Path samples;

    int runs() {
        return runs;
    }

    /** The file of the samples with this name; empty if none are taken. */
    Optional<Path> samples(String name) {
        return Optional.ofNullable(samples)
                .map(folder -> folder.resolve(name.replaceAll("\\W+", "-") + ".jfr"));
    }

    void print(PageTable table) throws IOException {
        table.print(Optional.ofNullable(page));
    }

    /** A figure of all runs: its median and spread. */
    static <F> String median(List<F> runs, ToDoubleFunction<F> figure, String format) {
        return Spread.of(runs.stream().mapToDouble(figure).toArray()).text(format);
    }
}
