package dev.sluice.runtime.kafka;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Limits a log message to once a minute, across all threads. Safe for use by many threads. */
public final class ThrottledLog {
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Mutex mutex = new Mutex();
    private final InstantSource clock;
    private Optional<Instant> next = Optional.empty();

    /**
     * Allows the first message at once.
     *
     * @param clock a clock that changes of the system clock do not affect
     */
    public ThrottledLog(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether the message is due; the next one is due a minute after that. */
    public boolean isDue() {
        try (var _ = mutex.hold()) {
            Instant now = clock.instant();
            if (next.filter(now::isBefore).isPresent()) {
                return false;
            }
            next = Optional.of(now.plus(INTERVAL));
            return true;
        }
    }
}
