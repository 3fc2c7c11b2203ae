package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;

/** Port for waiting, so that tests can replace it. */
@FunctionalInterface
public interface Sleeper {
    /** Returns at the instant or after it. */
    void until(Instant instant) throws InterruptedException;

    /** A wait that another thread can end. */
    default Sleep sleep() {
        return new Sleep() {
            @Override
            public void until(Instant instant) throws InterruptedException {
                Sleeper.this.until(instant);
            }

            @Override
            public void wake() {
                // Tests with a manual clock have no other thread to wake.
            }
        };
    }

    /** One thread's wait. */
    interface Sleep {
        /** Returns at the instant or when woken. A wake before this call counts. */
        void until(Instant instant) throws InterruptedException;

        /** Ends the wait from another thread. */
        void wake();
    }

    /** A sleeper that waits by the clock. */
    static Sleeper sleeping(InstantSource clock) {
        return new ClockSleeper(clock);
    }
}
