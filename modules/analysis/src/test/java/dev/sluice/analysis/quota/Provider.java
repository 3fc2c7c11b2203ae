package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A provider's counter of a token limit, on a manual clock. */
abstract sealed class Provider {
    final double perMinute;
    final boolean settles;
    double used;
    long taken;
    long rejected;

    Provider(double perMinute, boolean settles) {
        this.perMinute = perMinute;
        this.settles = settles;
    }

    static Provider bucket(double perMinute, Duration burst, boolean settles, Instant now) {
        return new InBucket(perMinute, burst, settles, now);
    }

    static Provider window(double perMinute, Duration length, Duration phase, Instant now) {
        return new InWindows(perMinute, length, phase, now);
    }

    /** Accepts a call if there is room. */
    boolean take(double estimate, Instant now) {
        if (left(now) < estimate) {
            rejected++;
            return false;
        }
        taken++;
        used += estimate;
        charge(estimate);
        return true;
    }

    /** Settles a call by its actual use. */
    void settle(double estimate, double actual) {
        if (settles) {
            used -= estimate - actual;
            charge(actual - estimate);
        }
    }

    abstract double left(Instant now);

    abstract void charge(double units);

    abstract RateLimits.Window says(Instant now);

    private static final class InBucket extends Provider {
        private final double capacity;
        private double level;
        private Instant at;

        InBucket(double perMinute, Duration burst, boolean settles, Instant now) {
            super(perMinute, settles);
            this.capacity = perMinute / 60e9 * burst.toNanos();
            this.level = capacity;
            this.at = now;
        }

        @Override
        double left(Instant now) {
            double flown = perMinute / 60e9 * Duration.between(at, now).toNanos();
            level = Math.min(capacity, level + flown);
            at = now;
            return level;
        }

        @Override
        void charge(double units) {
            level -= units;
        }

        @Override
        RateLimits.Window says(Instant now) {
            double missing = capacity - left(now);
            return new RateLimits.Window(
                    (long) capacity,
                    (long) Math.max(0, level),
                    Optional.of(millis(missing / perMinute * 60_000)));
        }
    }

    private static final class InWindows extends Provider {
        private final double capacity;
        private final Duration length;
        private Instant end;
        private double level;

        InWindows(double perMinute, Duration length, Duration phase, Instant now) {
            super(perMinute, false);
            this.capacity = perMinute / 60e9 * length.toNanos();
            this.length = length;
            this.level = capacity;
            this.end = now.plus(phase);
        }

        @Override
        double left(Instant now) {
            while (!now.isBefore(end)) {
                end = end.plus(length);
                level = capacity;
            }
            return level;
        }

        @Override
        void charge(double units) {
            level -= units;
        }

        @Override
        RateLimits.Window says(Instant now) {
            left(now);
            return new RateLimits.Window(
                    (long) capacity,
                    (long) Math.max(0, level),
                    Optional.of(millis(Duration.between(now, end).toNanos() / 1e6)));
        }
    }

    /** Rounds to milliseconds, as providers report times. */
    private static Duration millis(double millis) {
        return Duration.ofMillis((long) Math.ceil(millis));
    }
}
