package dev.sluice.analysis.compute;

import java.time.Duration;

/**
 * Limits of the CPU that computations may use.
 *
 * @param threads number of parallel threads, in addition to one for small pieces
 * @param timeout maximum CPU time of one computation
 */
public record ComputeLimits(int threads, Duration timeout) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    public ComputeLimits {
        if (threads < 1 || !timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "compute threads must be at least 1 and the timeout positive, were "
                            + threads
                            + " and "
                            + timeout);
        }
    }

    /** All cores but one, at least one; the remaining core is for everything else. */
    public static int defaultThreads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    public static ComputeLimits defaults() {
        return new ComputeLimits(defaultThreads(), DEFAULT_TIMEOUT);
    }
}
