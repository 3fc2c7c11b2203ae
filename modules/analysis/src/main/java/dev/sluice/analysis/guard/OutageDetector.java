package dev.sluice.analysis.guard;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.time.Instant;

/**
 * Detector of an outage: at least five failures in a row, the last of them 30 s or more after the
 * first. It covers deployments with few calls, where the circuit breaker's window never holds
 * enough calls. Safe for use by many threads.
 */
final class OutageDetector {
    private static final int FAILURES = 5;
    private static final Duration DURATION = Duration.ofSeconds(30);

    private final Mutex mutex = new Mutex();
    private Instant firstFailureAt = Instant.MIN;
    private int failures;

    /**
     * Counts a failed call.
     *
     * @return whether the failures are an outage
     */
    boolean failed(Instant now) {
        try (var _ = mutex.hold()) {
            if (failures == 0) {
                firstFailureAt = now;
            }
            failures++;
            return failures >= FAILURES && !now.isBefore(firstFailureAt.plus(DURATION));
        }
    }

    /** Resets the count after a call that the deployment accepted. */
    void accepted() {
        try (var _ = mutex.hold()) {
            failures = 0;
        }
    }
}
