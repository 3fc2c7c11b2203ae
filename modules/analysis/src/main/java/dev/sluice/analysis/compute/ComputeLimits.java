package dev.sluice.analysis.compute;

import java.time.Duration;

/**
 * How much of the machine computations may take.
 *
 * @param threads that compute side by side, beside one for small pieces
 * @param timeout CPU time that one computation may take
 */
public record ComputeLimits(int threads, Duration timeout) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    public ComputeLimits {
        if (threads < 1 || !timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "computations need a thread and time, had " + threads + " and " + timeout);
        }
    }

    /** One core is left for everything else, where there is more than one. */
    public static int defaultThreads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    public static ComputeLimits defaults() {
        return new ComputeLimits(defaultThreads(), DEFAULT_TIMEOUT);
    }
}
