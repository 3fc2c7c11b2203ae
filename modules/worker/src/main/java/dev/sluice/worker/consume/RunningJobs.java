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

/** The jobs of one assignment that were read and are not committed, by offset. Thread-safe. */
final class RunningJobs {
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

    /** Adds a job that was read and is about to be processed. */
    synchronized void arrived(long offset) {
        jobs.put(offset, new RunningJob(this, offset, clock.instant()));
        underWay++;
    }

    /**
     * The job at this offset, which the thread processes from now on; empty if it must not start
     * any more.
     */
    synchronized Optional<RunningJob> enter(long offset, Thread thread) {
        if (ended || leaveBy.isPresent()) {
            return Optional.empty();
        }
        Optional<RunningJob> job = Optional.ofNullable(jobs.get(offset));
        job.ifPresent(entered -> entered.runsOn(thread));
        return job;
    }

    /** Ends the work on a job that arrived, whether or not its thread has entered. */
    synchronized void left(long offset) {
        jobs.computeIfPresent(offset, (_, job) -> job.isFinished() ? job : null);
        underWay--;
        notifyAll();
    }

    /** Removes jobs whose outcomes are committed. */
    synchronized void committed(Collection<Long> offsets) {
        jobs.keySet().removeAll(offsets);
    }

    /** From now on, only jobs that can end by this time go on; the others are cancelled at once. */
    synchronized void leaveBy(Instant end) {
        if (leaveBy.isEmpty()) {
            leaveBy = Optional.of(end);
            jobs.values().forEach(RunningJob::leaveIfItMust);
        }
    }

    /** How long running jobs may go on; empty while the partition is kept. */
    synchronized Optional<Duration> timeLeft() {
        return leaveBy.map(end -> Duration.between(clock.instant(), end));
    }

    /** Waits until no job is running; false if the time ran out first. */
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

    /** Cancels all jobs. */
    synchronized void end() {
        ended = true;
        jobs.values().forEach(RunningJob::cancel);
    }

    /** The job with the lowest offset, which holds the frontier back. */
    synchronized Optional<RunningJob> oldest() {
        return Optional.ofNullable(jobs.firstEntry()).map(Map.Entry::getValue);
    }
}
