package dev.sluice.analysis.compute;

import java.time.Duration;

/** Is told of every computation, for metrics. Called from the thread that waits for it. */
public interface ComputeObserver {
    /** Ignores everything. */
    ComputeObserver NONE = (step, waited, took, cutOff) -> {};

    /**
     * A computation ended, or was cut off.
     *
     * @param waited for a thread
     * @param took by the clock, once it had one
     */
    void computed(Step step, Duration waited, Duration took, boolean cutOff);
}
