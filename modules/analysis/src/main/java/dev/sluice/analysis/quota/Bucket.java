package dev.sluice.analysis.quota;

import java.time.Duration;
import java.time.Instant;

/**
 * Token bucket: units flow in at a steady rate, up to a bound, and calls take them out. It starts
 * empty. A call larger than the bound may take its units when the bucket is full; the level is then
 * negative (debt).
 *
 * <p>{@code wait = (min(units, bound) - level) / rate}. Example: 600 units per minute with a bound
 * of 5 is 10 units per second. At level 0 a call of 2 units waits 200 ms. A call of 8 waits 500 ms,
 * until the bucket is full, and leaves a level of -3; a call of 2 directly after it waits 500 ms.
 *
 * <p>Not safe for use by several threads.
 */
final class Bucket {
    private static final double NANOS_PER_MINUTE = 60e9;

    /** Reported wait while the rate is 0. Only a change of the rate ends such a wait. */
    private static final Duration LONG = Duration.ofHours(1);

    /** Tolerated floating-point error, as a fraction of the bound. */
    private static final double ROUNDING = 1e-9;

    private double perNano;
    private double bound;
    private double level;
    private Instant at;

    /**
     * @param perMinute units that flow in per minute
     * @param bound most units the bucket can hold
     */
    Bucket(double perMinute, double bound, Instant now) {
        this.perNano = perMinute / NANOS_PER_MINUTE;
        this.bound = bound;
        this.at = now;
    }

    /** Sets a new rate and bound from {@code now} on. */
    void rate(double perMinute, double newBound, Instant now) {
        flow(now);
        perNano = perMinute / NANOS_PER_MINUTE;
        bound = newBound;
    }

    /** Units in the bucket; negative while it is in debt. */
    double level(Instant now) {
        double flown = perNano * Math.max(0, Duration.between(at, now).toNanos());
        return Math.max(level, Math.min(bound, level + flown));
    }

    /** Time until the units may be taken; zero if they may be taken now. */
    Duration wait(double units, Instant now) {
        if (perNano == 0) {
            return LONG;
        }
        double missing = Math.min(units, bound) - level(now);
        return missing <= ROUNDING * bound
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil(missing / perNano));
    }

    /** Takes all units; a debt stays. */
    void empty(Instant now) {
        flow(now);
        level = Math.min(0, level);
    }

    void take(double units, Instant now) {
        flow(now);
        level -= units;
    }

    /**
     * Puts units back; units that do not fit are lost.
     *
     * @param room units that fit above the bound when units are put back
     */
    void give(double units, double room, Instant now) {
        flow(now);
        level = Math.max(level, Math.min(bound + room, level + units));
    }

    private void flow(Instant now) {
        if (now.isAfter(at)) {
            level = level(now);
            at = now;
        }
    }
}
