package dev.sluice.analysis.compute;

import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * One unit of CPU work: it waits for a thread, runs, and ends or is cut off. Waiting computations
 * are ordered by {@code queuedAt + 10 microseconds * characters}. Example: a page of a million
 * characters is overtaken by small pieces that come in the ten seconds after it, but not by later
 * ones, so it does not starve.
 */
final class Computation<T> extends FutureTask<T> implements Comparable<Computation<?>> {
    private static final long NANOS_PER_CHARACTER = 10_000;

    /** Most characters of a small computation, which takes milliseconds. */
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
        // Values of nanoTime may overflow, so only their difference can be compared.
        return Long.signum(turn - other.turn);
    }

    @Override
    public void run() {
        startedAt = System.nanoTime();
        super.run();
    }

    // The end is noted before waiting threads see the outcome; done() is called after that.
    @Override
    protected void set(T value) {
        endedAt = System.nanoTime();
        super.set(value);
    }

    @Override
    protected void setException(Throwable failure) {
        endedAt = System.nanoTime();
        super.setException(failure);
    }

    /** Cancels the computation because it exceeded its time. */
    void cutOff() {
        cutOff = true;
        endedAt = System.nanoTime();
        var _ = cancel(true);
    }

    boolean isCutOff() {
        return cutOff && isCancelled();
    }

    /** Time from being queued to getting a thread. */
    Duration waited() {
        return Duration.ofNanos(startedAt - queuedAt);
    }

    /** Time from getting a thread to the end; the computation must have ended. */
    Duration took() {
        return Duration.ofNanos(endedAt - startedAt);
    }
}
