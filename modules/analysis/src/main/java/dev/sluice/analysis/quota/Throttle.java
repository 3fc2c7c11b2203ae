package dev.sluice.analysis.quota;

import java.time.Duration;
import java.time.Instant;

/**
 * Fraction of a deployment's rate limits that is used: 1, and less for a while after a 429. A 429
 * multiplies the fraction by 0.9, at most once a second and never below 0.3. The fraction stays for
 * 2 s after the next call and then recovers by 0.025 per second. Example: one 429 sets it to 0.9,
 * and it is 1 again 2 s + 0.1 / 0.025 s = 6 s after the next call. A second 429 within the 2 s sets
 * it to 0.81; recovery then takes 2 s + 0.19 / 0.025 s = 9.6 s.
 *
 * <p>Some providers reject calls at random, however few are sent. An experiment detects this: for
 * two seconds after a slow-down by a tenth, an exceeded limit rejects hardly any calls, chance as
 * many as before. 429s count as random if at least 20 slowed calls were seen, at most 8 % of all
 * calls were rejected, and the rate among slowed calls is at least 0.6 of the usual rate (0.5 once
 * they count as random). Random 429s do not slow calls down, except one every 30 s, which repeats
 * the experiment. Each call adds twice the random rate to an allowance of at most 10, and each
 * excused 429 takes 1. Example: at a random rate of 4 % each call adds 0.08, so 13 calls excuse one
 * 429.
 *
 * <p>Not safe for use by several threads.
 */
final class Throttle {
    /** Factor of one slow-down. */
    private static final double SLOW_DOWN_FACTOR = 0.9;

    /** Smallest fraction. */
    private static final double MIN_FRACTION = 0.3;

    private static final double RECOVERY_PER_SECOND = 0.025;

    /** Shortest time between two slow-downs. */
    private static final Duration SLOW_DOWN_INTERVAL = Duration.ofSeconds(1);

    /** Time that calls stay slowed down before the fraction recovers. */
    private static final Duration SLOWED = Duration.ofSeconds(2);

    /** Interval after which even a random 429 slows calls down, to repeat the experiment. */
    private static final Duration EXPERIMENT = Duration.ofSeconds(30);

    /** Slowed calls that must be seen before their rate of 429s counts. */
    private static final double MIN_SLOWED_CALLS = 20;

    /**
     * Highest rate of 429s that counts as random. Above it, a slow-down by a tenth may not have
     * been enough.
     */
    private static final double MOST_AT_RANDOM = 0.08;

    /**
     * Rate of 429s among slowed calls, relative to the usual rate, from which they count as random.
     */
    private static final double AS_BEFORE = 0.6;

    /** The same while 429s already count as random. */
    private static final double STILL_AS_BEFORE = 0.5;

    /**
     * Random 429s come unevenly: twice their rate is excused, and at most {@link #MAX_ALLOWANCE} in
     * a row.
     */
    private static final double ALLOWANCE_FACTOR = 2;

    private static final double MAX_ALLOWANCE = 10;

    private double fraction = 1;
    private Instant slowedAt = Instant.MIN;

    /** When the first call after the slow-down was sent; a pause may come between. */
    private Instant slowedFrom = Instant.MAX;

    private Instant lastSent = Instant.MIN;
    private double allowance;
    private boolean countsAsRandom;
    private final RejectionRate usual = new RejectionRate(500, Duration.ofSeconds(10));
    private final RejectionRate slowed = new RejectionRate(500, Duration.ofSeconds(4));

    /** The fraction of the limits to use, from 0.3 to 1. */
    double at(Instant now) {
        if (now.isBefore(slowedFrom)) {
            return fraction;
        }
        double seconds = Duration.between(slowedFrom.plus(SLOWED), now).toNanos() / 1e9;
        return Math.min(1, fraction + Math.max(0, seconds) * RECOVERY_PER_SECOND);
    }

    /** A sent call, needed when the provider rejects it. */
    record Sent(Instant at, boolean isSlowed) {}

    /** Counts a call that is sent. */
    Sent sent(Instant now) {
        Duration since = lastSent.equals(Instant.MIN) ? SLOWED : Duration.between(lastSent, now);
        lastSent = now;
        if (slowedFrom.equals(Instant.MAX) && fraction < 1) {
            slowedFrom = now;
        }
        usual.sent(since);
        boolean isSlowed = isSlowed(now);
        if (isSlowed) {
            slowed.sent(since);
        }
        double random = atRandom();
        allowance =
                random == 0 ? 0 : Math.min(MAX_ALLOWANCE, allowance + ALLOWANCE_FACTOR * random);
        return new Sent(now, isSlowed);
    }

    /**
     * Counts a call that was rejected with a 429.
     *
     * @return whether fewer calls may help; false if the 429 counts as random
     */
    boolean rejected(Sent sent, Instant now) {
        usual.rejected();
        if (sent.isSlowed()) {
            slowed.rejected();
        }
        boolean isExcused = allowance >= 1;
        if (isExcused) {
            allowance--;
        }
        boolean sentSinceThen = slowedAt.equals(Instant.MIN) || sent.at().isAfter(slowedAt);
        if (sentSinceThen
                && hasPassedSinceSlowDown(now, isExcused ? EXPERIMENT : SLOW_DOWN_INTERVAL)) {
            fraction = Math.max(MIN_FRACTION, at(now) * SLOW_DOWN_FACTOR);
            slowedAt = now;
            slowedFrom = Instant.MAX;
        }
        return !isExcused;
    }

    /** Rate of random 429s, from 0 to 1; 0 if they do not count as random. */
    private double atRandom() {
        boolean isRandom =
                slowed.calls() >= MIN_SLOWED_CALLS
                        && usual.share() <= MOST_AT_RANDOM
                        && slowed.share()
                                >= (countsAsRandom ? STILL_AS_BEFORE : AS_BEFORE) * usual.share();
        countsAsRandom = isRandom && slowed.share() > 0;
        return isRandom ? Math.min(MOST_AT_RANDOM, slowed.share()) : 0;
    }

    private boolean isSlowed(Instant now) {
        return !now.isBefore(slowedFrom)
                && Duration.between(slowedFrom, now).compareTo(SLOWED) <= 0;
    }

    private boolean hasPassedSinceSlowDown(Instant now, Duration time) {
        return slowedAt.equals(Instant.MIN) || now.isAfter(slowedAt.plus(time));
    }

    /** Rate of 429s among recent calls. Both counts decay exponentially. */
    private static final class RejectionRate {
        private final double fewest;
        private final double nanos;
        private double calls;
        private double rejected;

        /**
         * @param fewest calls that are remembered, however old they are
         * @param time for which calls are remembered, however many there are
         */
        RejectionRate(double fewest, Duration time) {
            this.fewest = fewest;
            this.nanos = time.toNanos();
        }

        void sent(Duration since) {
            double kept = Math.max(1 - 1 / fewest, Math.exp(-since.toNanos() / nanos));
            calls = calls * kept + 1;
            rejected *= kept;
        }

        void rejected() {
            rejected++;
        }

        double calls() {
            return calls;
        }

        double share() {
            return rejected / Math.max(1, calls);
        }
    }
}
