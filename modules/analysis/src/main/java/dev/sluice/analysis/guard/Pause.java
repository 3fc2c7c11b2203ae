package dev.sluice.analysis.guard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Waiting, so that tests need not. */
@FunctionalInterface
public interface Pause {
    /** Returns at the instant or after it. */
    void until(Instant instant) throws InterruptedException;

    /** Sleeps. */
    static Pause sleeping(InstantSource clock) {
        return instant -> {
            Duration left = Duration.between(clock.instant(), instant);
            if (left.isPositive()) {
                Thread.sleep(left);
            }
        };
    }
}
