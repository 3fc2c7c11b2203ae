package dev.sluice.simulator;

import java.time.Duration;
import java.util.Optional;

/**
 * How the simulator behaves.
 *
 * @param port 0 for a free one
 * @param seed decides with the rates which calls go wrong
 * @param minLatency shortest time to an answer
 * @param maxLatency longest time to an answer
 * @param quota limit of each key and model; none if there is none
 */
public record SimulatorSettings(
        int port,
        long seed,
        FaultRates faults,
        Duration minLatency,
        Duration maxLatency,
        Optional<QuotaPolicy> quota) {
    public SimulatorSettings {
        if (minLatency.isNegative() || maxLatency.compareTo(minLatency) < 0) {
            throw new IllegalArgumentException(
                    "latency must be 0 <= shortest <= longest, was "
                            + minLatency
                            + " to "
                            + maxLatency);
        }
    }

    /** A free port, no faults, answers at once. */
    public static SimulatorSettings defaults() {
        return new SimulatorSettings(
                0, 1, FaultRates.NONE, Duration.ZERO, Duration.ZERO, Optional.empty());
    }

    public SimulatorSettings withFaults(FaultRates newFaults, long newSeed) {
        return new SimulatorSettings(port, newSeed, newFaults, minLatency, maxLatency, quota);
    }

    public SimulatorSettings withLatency(Duration shortest, Duration longest) {
        return new SimulatorSettings(port, seed, faults, shortest, longest, quota);
    }

    public SimulatorSettings withPort(int newPort) {
        return new SimulatorSettings(newPort, seed, faults, minLatency, maxLatency, quota);
    }

    public SimulatorSettings withQuota(QuotaPolicy newQuota) {
        return new SimulatorSettings(
                port, seed, faults, minLatency, maxLatency, Optional.of(newQuota));
    }
}
