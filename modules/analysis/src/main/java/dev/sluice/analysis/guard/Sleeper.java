package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;

/** Waiting, so that tests need not. */
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
                // There is no other thread where time is set by hand.
            }
        };
    }

    /** One thread's wait. */
    interface Sleep {
        /** Returns at the instant or when somebody wakes it, even if that was before. */
        void until(Instant instant) throws InterruptedException;

        void wake();
    }

    /** Sleeps. */
    static Sleeper sleeping(InstantSource clock) {
        return new ClockSleeper(clock);
    }
}
