package dev.sluice.worker.consume;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The jobs of one assignment that were read and are not committed, by offset. Safe for use by many
 * threads.
 */
final class RunningJobs {
    private final InstantSource clock;
    private final NavigableMap<Long, RunningJob> jobs = new TreeMap<>();
    private int underWay;
    private Optional<Instant> leaveBy = Optional.empty();
    private boolean ended;

    /**
     * @param clock steady, whatever is done to the system's
     */
    RunningJobs(InstantSource clock) {
        this.clock = clock;
    }

    /** A job was read and is about to be worked on. */
    synchronized void arrived(long offset) {
        jobs.put(offset, new RunningJob(this, offset, clock.instant()));
        underWay++;
    }

    /** The job, which this thread works on; none if it must not be begun any more. */
    synchronized Optional<RunningJob> enter(long offset, Thread thread) {
        if (ended || leaveBy.isPresent()) {
            return Optional.empty();
        }
        Optional<RunningJob> job = Optional.ofNullable(jobs.get(offset));
        job.ifPresent(entered -> entered.runsOn(thread));
        return job;
    }

    /** A job that arrived is no longer worked on, whether its thread entered or not. */
    synchronized void left(long offset) {
        jobs.computeIfPresent(offset, (_, job) -> job.isFinished() ? job : null);
        underWay--;
        notifyAll();
    }

    /** Jobs whose outcomes are committed. */
    synchronized void committed(Collection<Long> offsets) {
        jobs.keySet().removeAll(offsets);
    }

    /** From now on jobs go on only as far as they can end by then; the others leave at once. */
    synchronized void leaveBy(Instant end) {
        if (leaveBy.isEmpty()) {
            leaveBy = Optional.of(end);
            jobs.values().forEach(RunningJob::leaveIfItMust);
        }
    }

    /** How long jobs under way may go on; none as long as the partition is kept. */
    synchronized Optional<Duration> timeLeft() {
        return leaveBy.map(end -> Duration.between(clock.instant(), end));
    }

    /** Waits until no job is being worked on; false if the time ran out first. */
    synchronized boolean awaitIdle(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (underWay > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** Cancels whatever is being worked on. */
    synchronized void end() {
        ended = true;
        jobs.values().forEach(RunningJob::cancel);
    }

    /** The one that holds the frontier back. */
    synchronized Optional<RunningJob> oldest() {
        return Optional.ofNullable(jobs.firstEntry()).map(Map.Entry::getValue);
    }
}
