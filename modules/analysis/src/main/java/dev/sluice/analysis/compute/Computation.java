package dev.sluice.analysis.compute;

import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * One piece of work: waits, runs, and ends or is cut off. Those that wait have an order by when
 * they came and how large they are: a page of a megabyte lets through what comes in the ten seconds
 * after it and is small, but nothing later, so it has its turn.
 */
final class Computation<T> extends FutureTask<T> implements Comparable<Computation<?>> {
    private static final long NANOS_PER_CHARACTER = 10_000;

    /** Takes milliseconds. */
    private static final long SMALL = 64_000;

    private final Priority priority;
    private final Step step;
    private final long queuedAt = System.nanoTime();
    private final long turn;
    private final boolean small;
    private volatile long startedAt;
    private volatile long endedAt;
    private volatile boolean cutOff;

    Computation(Priority priority, Step step, long characters, Callable<T> work) {
        super(work);
        this.priority = priority;
        this.step = step;
        this.small = characters <= SMALL;
        this.turn = queuedAt + characters * NANOS_PER_CHARACTER;
        this.startedAt = queuedAt;
        this.endedAt = queuedAt;
    }

    Priority priority() {
        return priority;
    }

    Step step() {
        return step;
    }

    boolean isSmall() {
        return small;
    }

    @Override
    public int compareTo(Computation<?> other) {
        // As times of nanoTime are compared: they may overflow.
        return Long.signum(turn - other.turn);
    }

    @Override
    public void run() {
        startedAt = System.nanoTime();
        super.run();
    }

    @Override
    protected void done() {
        endedAt = System.nanoTime();
    }

    /** Ends it because its time is over. */
    void cutOff() {
        cutOff = true;
        var _ = cancel(true);
    }

    boolean isCutOff() {
        return cutOff && isCancelled();
    }

    /** From being queued to having a thread. */
    Duration waited() {
        return Duration.ofNanos(startedAt - queuedAt);
    }

    /** From having a thread to its end, which it has had. */
    Duration took() {
        return Duration.ofNanos(endedAt - startedAt);
    }
}
