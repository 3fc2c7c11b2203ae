package dev.sluice.analysis.guard;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Sleeper that waits by a clock. */
record ClockSleeper(InstantSource clock) implements Sleeper {
    /**
     * Longest single wait; nanoseconds of a much longer one overflow. Callers check the time again.
     */
    private static final Duration LONGEST = Duration.ofDays(1);

    @Override
    public void until(Instant instant) throws InterruptedException {
        Duration left = left(instant);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }

    @Override
    public Sleep sleep() {
        Semaphore woken = new Semaphore(0);
        return new Sleep() {
            @Override
            public void until(Instant instant) throws InterruptedException {
                var _ =
                        woken.tryAcquire(
                                Math.max(0, left(instant).toNanos()), TimeUnit.NANOSECONDS);
            }

            @Override
            public void wake() {
                woken.release();
            }
        };
    }

    private Duration left(Instant instant) {
        Duration left = Duration.between(clock.instant(), instant);
        return left.compareTo(LONGEST) > 0 ? LONGEST : left;
    }
}
