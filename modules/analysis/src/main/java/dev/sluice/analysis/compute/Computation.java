package dev.sluice.analysis.compute;

import dev.sluice.analysis.Urgency;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** One piece of work: waits, runs, and ends or is cut off. */
final class Computation<T> extends FutureTask<T> {
    private final Urgency urgency;
    private final Step step;
    private final long queuedAt = System.nanoTime();
    private volatile long startedAt;
    private volatile long endedAt;
    private volatile boolean cutOff;

    Computation(Urgency urgency, Step step, Callable<T> work) {
        super(work);
        this.urgency = urgency;
        this.step = step;
        this.startedAt = queuedAt;
        this.endedAt = queuedAt;
    }

    Urgency urgency() {
        return urgency;
    }

    Step step() {
        return step;
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
