package dev.sluice.worker.consume;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;

/** The jobs of one assignment that were read and are not committed, by offset. Thread-safe. */
final class RunningJobs {
    private final Mutex mutex = new Mutex();
    private final Condition jobLeft = mutex.condition();
    private final InstantSource clock;
    private final NavigableMap<Long, RunningJob> jobs = new TreeMap<>();
    private int underWay;
    private Optional<Instant> leaveBy = Optional.empty();
    private boolean ended;

    /**
     * @param clock monotonic: not affected by changes of the system clock
     */
    RunningJobs(InstantSource clock) {
        this.clock = clock;
    }

    /** Holds the lock of all jobs of the assignment. */
    Mutex.Held hold() {
        return mutex.hold();
    }

    /** Adds a job that was read and is about to be processed. */
    void arrived(long offset) {
        try (var _ = mutex.hold()) {
            jobs.put(offset, new RunningJob(this, offset, clock.instant()));
            underWay++;
        }
    }

    /**
     * The job at this offset, which the thread processes from now on; empty if it must not start
     * any more.
     */
    Optional<RunningJob> enter(long offset, Thread thread) {
        try (var _ = mutex.hold()) {
            if (ended || leaveBy.isPresent()) {
                return Optional.empty();
            }
            Optional<RunningJob> job = Optional.ofNullable(jobs.get(offset));
            job.ifPresent(entered -> entered.runsOn(thread));
            return job;
        }
    }

    /** Ends the work on a job that arrived, whether or not its thread has entered. */
    void left(long offset) {
        try (var _ = mutex.hold()) {
            jobs.computeIfPresent(offset, (_, job) -> job.isFinished() ? job : null);
            underWay--;
            jobLeft.signalAll();
        }
    }

    /** Removes jobs whose outcomes are committed. */
    void committed(Collection<Long> offsets) {
        try (var _ = mutex.hold()) {
            jobs.keySet().removeAll(offsets);
        }
    }

    /** From now on, only jobs that can end by this time go on; the others are cancelled at once. */
    void leaveBy(Instant end) {
        try (var _ = mutex.hold()) {
            if (leaveBy.isEmpty()) {
                leaveBy = Optional.of(end);
                jobs.values().forEach(RunningJob::leaveIfItMust);
            }
        }
    }

    /** How long running jobs may go on; empty while the partition is kept. */
    Optional<Duration> timeLeft() {
        try (var _ = mutex.hold()) {
            return leaveBy.map(end -> Duration.between(clock.instant(), end));
        }
    }

    /** Waits until no job is running; false if the time ran out first. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        try (var _ = mutex.hold()) {
            long end = System.nanoTime() + limit.toNanos();
            while (underWay > 0) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                var _ = jobLeft.awaitNanos(left);
            }
            return true;
        }
    }

    /** Cancels all jobs. */
    void end() {
        try (var _ = mutex.hold()) {
            ended = true;
            jobs.values().forEach(RunningJob::cancel);
        }
    }

    /** The job with the lowest offset, which holds the frontier back. */
    Optional<RunningJob> oldest() {
        try (var _ = mutex.hold()) {
            return Optional.ofNullable(jobs.firstEntry()).map(Map.Entry::getValue);
        }
    }
}
