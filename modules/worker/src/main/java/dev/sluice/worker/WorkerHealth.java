package dev.sluice.worker;

import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.health.LoopMonitor;
import dev.sluice.worker.consume.JobPoller;
import dev.sluice.worker.consume.UnreadJobs;
import dev.sluice.worker.publish.OutcomePublisher;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What a worker's loops and parts report to {@link Health}. */
record WorkerHealth(JobPoller poller, OutcomePublisher publisher, UnreadJobs unreadJobs) {
    /** Adds the parts to readiness. */
    void addTo(Health health, Worker.Work work) {
        health.ready("worker", this::notInGroup);
        health.note("worker", this::withoutPartitions);
        health.ready("worker-models", unreadJobs::complaint);
        health.ready("worker-publishing", publisher::complaint);
        work.journal().ifPresent(open -> health.ready("worker-journal", open::complaint));
        health.ready("worker-held-up", poller.stalled()::complaint);
        health.ready("worker-analyses", () -> unknown(work.runner().unknownAnalyses()));
    }

    /**
     * Adds the loops to liveness. They may stand still during an outage, and the publisher also
     * while the brokers have not settled a transaction.
     *
     * @param limit longest time that a loop may stand still
     * @param outage whether brokers or registry do not answer
     * @param steady the clock of the loops
     */
    void watchLoops(Health health, Duration limit, BooleanSupplier outage, InstantSource steady) {
        LoopMonitor poll = new LoopMonitor(limit, poller::lastTurn, outage, steady);
        LoopMonitor publish =
                new LoopMonitor(
                        limit,
                        publisher::lastTurn,
                        () -> outage.getAsBoolean() || publisher.isInDoubt(),
                        steady);
        health.live("worker-poll", poll::problem);
        health.live("worker-publish", publish::problem);
    }

    private Optional<String> notInGroup() {
        return poller.snapshot().isMember()
                ? Optional.empty()
                : Optional.of("is not a member of the workers' group yet");
    }

    /**
     * A member without partitions is ready: during a rolling update it gets the partitions of a
     * worker that stops only after this one is ready.
     */
    private Optional<String> withoutPartitions() {
        return poller.snapshot().isMember() && poller.snapshot().assignments().isEmpty()
                ? Optional.of(
                        "has no partitions: others have them all, or there are more workers than"
                                + " partitions")
                : Optional.empty();
    }

    private static Optional<String> unknown(Set<String> analyses) {
        return analyses.isEmpty() ? Optional.empty() : Optional.of("does not know " + analyses);
    }
}
