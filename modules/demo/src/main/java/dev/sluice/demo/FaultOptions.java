package dev.sluice.demo;

import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.PriceList;
import dev.sluice.simulator.ServerDialect;
import dev.sluice.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command line options that set the simulator's faults, dialect, prices and latency. */
final class FaultOptions {
    @Option(
            names = "--fault-rates",
            paramLabel = "RATES",
            defaultValue = "",
            description =
                    "Shares of the simulator's answers that have a fault or differ from OpenAI's,"
                            + " such as malformed=0.3,fenced=0.1. `sluice simulate --help` lists"
                            + " the faults.")
    private String rates = "";

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            description =
                    "The server that the simulator imitates. `sluice simulate --help` lists the"
                            + " dialects.")
    private @Nullable String dialect;

    @Option(
            names = "--price",
            paramLabel = "MODEL=IN/OUT[/CACHED]",
            description =
                    "An additional model of the simulator with its prices, in USD per"
                            + " million tokens, such as llama-3.3-70b-versatile=0.59/0.79. Can be"
                            + " given several times.")
    private List<String> prices = List.of();

    @Option(
            names = "--seed",
            defaultValue = "1",
            description =
                    "Decides which answers have faults; the same seed repeats a run. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--latency",
            defaultValue = "20",
            paramLabel = "MILLIS",
            description =
                    "Shortest time to an answer; the longest is five times that. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long latencyMillis;

    SimulatorSettings settings(@Nullable CommandSpec spec) {
        try {
            SimulatorSettings plain = SimulatorSettings.defaults().withPrices(priceList());
            SimulatorSettings spoken =
                    dialect == null
                            ? plain
                            : plain.withDialect(ServerDialect.labelled(dialect.strip()));
            return spoken.withFaults(FaultRates.parse(rates), seed)
                    .withLatency(
                            Duration.ofMillis(latencyMillis), Duration.ofMillis(latencyMillis * 5));
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private PriceList priceList() {
        PriceList list = PriceList.shipped();
        for (String price : prices) {
            list = list.with(price);
        }
        return list;
    }
}
