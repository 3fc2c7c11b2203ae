package dev.sluice.runtime.kafka;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Lets a line of the log through once a minute at most, however many threads have it to say. Safe
 * for use by many threads.
 */
public final class ThrottledLog {
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final InstantSource clock;
    private Optional<Instant> next = Optional.empty();

    /**
     * @param clock steady, whatever is done to the system's
     */
    public ThrottledLog(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether to say it now. */
    public synchronized boolean isDue() {
        Instant now = clock.instant();
        if (next.filter(now::isBefore).isPresent()) {
            return false;
        }
        next = Optional.of(now.plus(INTERVAL));
        return true;
    }
}
