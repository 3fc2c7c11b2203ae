package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Time as it passes, whatever is done to the system's clock: quotas and pauses must neither end nor
 * last because somebody sets it. Its instants are those of the system's clock at its start, and the
 * time since. Safe for use by many threads.
 */
public final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
