package dev.sluice.demo;

import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What the simulator is to get wrong. */
final class FaultOptions {
    @Option(
            names = "--fault-rates",
            paramLabel = "RATES",
            defaultValue = "",
            description =
                    "Share of the simulator's answers that go wrong, as in"
                            + " malformed=0.3,fenced=0.1. Known: throttled, error, malformed, fenced,"
                            + " out-of-range, refusal, length.")
    private String rates = "";

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Decides which answers go wrong: runs repeat. Default: ${DEFAULT-VALUE}.")
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
            return SimulatorSettings.defaults()
                    .withFaults(FaultRates.parse(rates), seed)
                    .withLatency(
                            Duration.ofMillis(latencyMillis), Duration.ofMillis(latencyMillis * 5));
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
