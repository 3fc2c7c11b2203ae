package dev.sluice.analysis.quota;

import java.time.Duration;
import java.time.Instant;

/**
 * Units that flow in at a steady rate, up to a bound, and are taken by calls. It starts empty; a
 * call larger than the bound goes when the bucket is full, and leaves it in debt. Not safe for use
 * by several threads.
 */
final class Bucket {
    private static final double NANOS_PER_MINUTE = 60e9;

    /** What to wait where nothing flows in: somebody has to change the rate first. */
    private static final Duration LONG = Duration.ofHours(1);

    /** Part of the bound that floating point may lose. */
    private static final double ROUNDING = 1e-9;

    private double perNano;
    private double bound;
    private double level;
    private Instant at;

    /**
     * @param perMinute units that flow in
     * @param bound most units it can hold
     */
    Bucket(double perMinute, double bound, Instant now) {
        this.perNano = perMinute / NANOS_PER_MINUTE;
        this.bound = bound;
        this.at = now;
    }

    /** From now on units flow in at another rate, up to another bound. */
    void rate(double perMinute, double newBound, Instant now) {
        flow(now);
        perNano = perMinute / NANOS_PER_MINUTE;
        bound = newBound;
    }

    double perMinute() {
        return perNano * NANOS_PER_MINUTE;
    }

    /** What is there; negative in debt. */
    double level(Instant now) {
        double flown = perNano * Math.max(0, Duration.between(at, now).toNanos());
        return Math.max(level, Math.min(bound, level + flown));
    }

    /** How long until so many units may be taken; zero if they may now. */
    Duration wait(double units, Instant now) {
        if (perNano == 0) {
            return LONG;
        }
        double missing = Math.min(units, bound) - level(now);
        return missing <= ROUNDING * bound
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil(missing / perNano));
    }

    /** Takes all there is. */
    void empty(Instant now) {
        flow(now);
        level = Math.min(0, level);
    }

    void take(double units, Instant now) {
        flow(now);
        level -= units;
    }

    /**
     * Puts units back; what does not fit is lost.
     *
     * @param room how much more than the bound fits when it is put back
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
