package dev.sluice.simulator;

import java.time.Duration;
import java.util.Optional;

/**
 * The simulator's settings.
 *
 * @param host the address to listen on
 * @param port the port, or 0 for a free one
 * @param seed decides together with the rates which calls have faults
 * @param latency time until an answer
 * @param quota limit of each key and model; empty for no limit
 * @param dialect the server that it imitates
 */
public record SimulatorSettings(
        String host,
        int port,
        long seed,
        FaultRates faults,
        Latency latency,
        Optional<QuotaPolicy> quota,
        ServerDialect dialect,
        PriceList prices) {

    /**
     * Time until an answer.
     *
     * @param shortest shortest time
     * @param longest longest time
     */
    public record Latency(Duration shortest, Duration longest) {
        public Latency {
            if (shortest.isNegative() || longest.compareTo(shortest) < 0) {
                throw new IllegalArgumentException(
                        "latency must be 0 <= shortest <= longest, was "
                                + shortest
                                + " to "
                                + longest);
            }
        }

        /** The latency at a point between 0 and 1. */
        Duration at(double point) {
            long least = shortest.toMillis();
            return Duration.ofMillis(least + Math.round((longest.toMillis() - least) * point));
        }
    }

    /** A free port on loopback, no faults, no deviations, immediate answers. */
    public static SimulatorSettings defaults() {
        return new SimulatorSettings(
                "127.0.0.1",
                0,
                1,
                FaultRates.NONE,
                new Latency(Duration.ZERO, Duration.ZERO),
                Optional.empty(),
                ServerDialect.plain(),
                PriceList.shipped());
    }

    public SimulatorSettings withFaults(FaultRates newFaults, long newSeed) {
        return new SimulatorSettings(
                host, port, newSeed, newFaults, latency, quota, dialect, prices);
    }

    public SimulatorSettings withLatency(Duration shortest, Duration longest) {
        return new SimulatorSettings(
                host, port, seed, faults, new Latency(shortest, longest), quota, dialect, prices);
    }

    public SimulatorSettings withPort(int newPort) {
        return new SimulatorSettings(host, newPort, seed, faults, latency, quota, dialect, prices);
    }

    public SimulatorSettings withHost(String newHost) {
        return new SimulatorSettings(newHost, port, seed, faults, latency, quota, dialect, prices);
    }

    public SimulatorSettings withQuota(QuotaPolicy newQuota) {
        return new SimulatorSettings(
                host, port, seed, faults, latency, Optional.of(newQuota), dialect, prices);
    }

    public SimulatorSettings withDialect(ServerDialect newDialect) {
        return new SimulatorSettings(host, port, seed, faults, latency, quota, newDialect, prices);
    }

    public SimulatorSettings withPrices(PriceList newPrices) {
        return new SimulatorSettings(host, port, seed, faults, latency, quota, dialect, newPrices);
    }
}
