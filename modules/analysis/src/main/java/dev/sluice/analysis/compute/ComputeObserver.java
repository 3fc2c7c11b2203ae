package dev.sluice.analysis.compute;

import java.time.Duration;

/**
 * Observer of all computations, for metrics. Called from the thread that waits for the computation.
 */
public interface ComputeObserver {
    /** An observer that does nothing. */
    ComputeObserver NONE = (step, waited, took, cutOff) -> {};

    /**
     * A computation ended, or was cut off.
     *
     * @param waited time until the computation got a thread
     * @param took elapsed time on that thread
     */
    void computed(Step step, Duration waited, Duration took, boolean cutOff);
}
