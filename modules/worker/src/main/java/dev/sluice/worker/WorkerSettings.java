package dev.sluice.worker;

import dev.sluice.runtime.outcome.DeadLetterContent;
import java.time.Duration;
import java.util.Set;

/**
 * The worker's settings.
 *
 * @param transactionalId stable for this worker's place in the deployment: a restart under the same
 *     id ends its predecessor's open transaction at once
 * @param journal whether calls are recorded in the journal before they are sent
 * @param models models whose jobs the worker processes
 * @param maxInFlight most jobs of one model that are read and not yet published; a tenth is
 *     reserved for each priority
 * @param maxInFlightBytes most bytes that the records of those jobs hold together
 * @param commitInterval least time from the beginning of one transaction to the next
 * @param maxOutcomes most outcomes in one transaction; a full transaction starts without further
 *     waiting
 * @param releaseTimeout how long jobs may go on when their partition is revoked
 * @param cleanupInterval how often finished records are deleted from the internal topics
 * @param grace how long jobs may go on when the worker stops
 * @param deadLetters what dead letters keep of the content that they are about
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
        Duration grace,
        DeadLetterContent deadLetters) {
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
                Duration.ofSeconds(60),
                DeadLetterContent.WHOLE);
    }

    public WorkerSettings withDeadLetters(DeadLetterContent deadLetters) {
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
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
                grace,
                deadLetters);
    }
}
