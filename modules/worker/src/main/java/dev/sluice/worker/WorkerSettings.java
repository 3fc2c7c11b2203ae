package dev.sluice.worker;

import java.time.Duration;
import java.util.Set;

/**
 * How the worker runs.
 *
 * @param transactionalId stable for this worker's slot: a restart under the same id ends the
 *     predecessor's open transaction at once
 * @param journal whether calls are put on record before they are sent
 * @param models whose jobs it works on
 * @param maxInFlight jobs of one model that are worked on or not yet published; a tenth is kept for
 *     either priority
 * @param maxInFlightBytes how much the records of those jobs hold together
 * @param commitInterval least time from the beginning of one transaction to the next
 * @param maxOutcomes most outcomes in one transaction; with as many it waits no longer
 * @param releaseTimeout how long jobs may go on when their partition is taken away
 * @param cleanupInterval how often what is finished is deleted from the internal topics
 * @param grace how long jobs may go on when the worker stops
 */
public record WorkerSettings(
        String transactionalId,
        boolean journal,
        Set<String> models,
        int maxInFlight,
        long maxInFlightBytes,
        Duration commitInterval,
        int maxOutcomes,
        Duration releaseTimeout,
        Duration cleanupInterval,
        Duration grace) {
    public WorkerSettings {
        models = Set.copyOf(models);
    }

    /**
     * The settings of a worker whose configuration says nothing, as docs/CONFIGURATION.md has them.
     */
    public static WorkerSettings defaults(String transactionalId, Set<String> models) {
        return new WorkerSettings(
                transactionalId,
                true,
                models,
                1_000,
                128L << 20,
                Duration.ofMillis(25),
                500,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60));
    }

    public WorkerSettings withJournal(boolean journal) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }

    public WorkerSettings withMaxInFlight(int maxInFlight) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }

    public WorkerSettings withMaxInFlightBytes(long maxInFlightBytes) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }

    public WorkerSettings withReleaseTimeout(Duration releaseTimeout) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }

    public WorkerSettings withCleanupInterval(Duration cleanupInterval) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }

    public WorkerSettings withGrace(Duration grace) {
        return new WorkerSettings(
                transactionalId,
                journal,
                models,
                maxInFlight,
                maxInFlightBytes,
                commitInterval,
                maxOutcomes,
                releaseTimeout,
                cleanupInterval,
                grace);
    }
}
