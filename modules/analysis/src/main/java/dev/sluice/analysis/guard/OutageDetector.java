package dev.sluice.analysis.guard;

import java.time.Duration;
import java.time.Instant;

/**
 * Tells that a deployment has taken no call for a while, whatever it was asked. Where few calls are
 * made, the circuit breaker's window never holds enough to judge by. Safe for use by many threads.
 */
final class OutageDetector {
    private static final int FAILURES = 5;
    private static final Duration LONG = Duration.ofSeconds(30);

    private Instant since = Instant.MIN;
    private int failures;

    /**
     * A call failed.
     *
     * @return whether so many have, for so long, that it looks like an outage
     */
    synchronized boolean goesOn(Instant now) {
        if (failures == 0) {
            since = now;
        }
        failures++;
        return failures >= FAILURES && !now.isBefore(since.plus(LONG));
    }

    /** A call was taken. */
    synchronized void ends() {
        failures = 0;
    }
}
