package dev.sluice.bench;

import dev.sluice.bench.calls.OpenCalls;
import dev.sluice.bench.page.Pictures;
import dev.sluice.bench.pipeline.AddedLatency;
import dev.sluice.bench.pipeline.AdmissionAlone;
import dev.sluice.bench.pipeline.Compression;
import dev.sluice.bench.pipeline.HeadOfLine;
import dev.sluice.bench.pipeline.ModelTimes;
import dev.sluice.bench.pipeline.Restore;
import dev.sluice.bench.pipeline.ScaleOut;
import dev.sluice.bench.pipeline.Throughput;
import dev.sluice.bench.quota.QuotaSaturation;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the benchmarks: one command per scenario. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        scope = CommandLine.ScopeType.INHERIT,
        subcommands = {
            QuotaSaturation.class,
            OpenCalls.class,
            Throughput.class,
            HeadOfLine.class,
            AddedLatency.class,
            AdmissionAlone.class,
            Restore.class,
            ModelTimes.class,
            ScaleOut.class,
            Compression.class,
            Pictures.class
        },
        description =
                "Measures Sluice beside its peers. Client and server run in processes of their own, on"
                        + " cores of their own.")
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
