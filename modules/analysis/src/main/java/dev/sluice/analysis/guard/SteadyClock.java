package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Monotonic clock: setting the system clock does not affect it, so it neither ends nor extends
 * quotas and pauses. Its instants are the system time at the start of the process plus {@link
 * System#nanoTime} since. Safe for use by many threads.
 */
public final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
