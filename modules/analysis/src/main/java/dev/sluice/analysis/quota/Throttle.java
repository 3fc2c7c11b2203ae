package dev.sluice.analysis.quota;

import java.time.Duration;
import java.time.Instant;

/**
 * The part of a deployment's limits that is used: 1, and less for a while after the provider has
 * turned calls away. A 429 takes a tenth, at most one a second, which comes back within six
 * seconds.
 *
 * <p>Some providers turn calls away at random, however few are sent. They are told from the others
 * by an experiment: directly after calls were slowed down by a tenth, a limit that is exceeded
 * turns hardly any away, chance as many as before. Such 429s take nothing, but for one every half a
 * minute, which repeats the experiment. Not safe for use by several threads.
 */
final class Throttle {
    private static final double TIGHTER = 0.9;
    private static final double TIGHTEST = 0.3;
    private static final double RECOVERY_PER_SECOND = 0.025;
    private static final Duration TIGHTENED = Duration.ofSeconds(1);

    /** How long calls stay slowed down before they begin to recover. */
    private static final Duration SLOWED = Duration.ofSeconds(2);

    /** So often a 429 slows calls down, whatever is believed of it. */
    private static final Duration EXPERIMENT = Duration.ofSeconds(30);

    /** Slowed calls that must be seen before their share of 429s is believed. */
    private static final double ENOUGH = 20;

    /** Above this share, slowing down by a tenth may not have been enough. */
    private static final double MOST_AT_RANDOM = 0.08;

    /** Slowed calls are turned away at random if at least this part of the usual share is. */
    private static final double AS_BEFORE = 0.6;

    /** Once that was so, it is believed for as long as this part of it is. */
    private static final double STILL = 0.5;

    /** Chance deals unevenly: twice the share passes, and so many in a row. */
    private static final double TWICE = 2;

    private static final double IN_A_ROW = 10;

    private double tightened = 1;
    private Instant tightenedAt = Instant.MIN;

    /** When the first call went after that: pauses come between. */
    private Instant slowedFrom = Instant.MAX;

    private Instant lastSent = Instant.MIN;
    private double allowance;
    private boolean isChance;
    private final ShareTurnedAway usual = new ShareTurnedAway(500, Duration.ofSeconds(10));
    private final ShareTurnedAway slowed = new ShareTurnedAway(500, Duration.ofSeconds(4));

    /** The part of the limits to use, from 0.3 to 1. */
    double at(Instant now) {
        if (now.isBefore(slowedFrom)) {
            return tightened;
        }
        double seconds = Duration.between(slowedFrom.plus(SLOWED), now).toNanos() / 1e9;
        return Math.min(1, tightened + Math.max(0, seconds) * RECOVERY_PER_SECOND);
    }

    /** What a call is remembered by until it is known whether it was turned away. */
    record Sent(Instant at, boolean isSlowed) {}

    /** A call goes. */
    Sent sent(Instant now) {
        Duration since = lastSent.equals(Instant.MIN) ? SLOWED : Duration.between(lastSent, now);
        lastSent = now;
        if (slowedFrom.equals(Instant.MAX) && tightened < 1) {
            slowedFrom = now;
        }
        usual.sent(since);
        boolean isSlowed = isSlowed(now);
        if (isSlowed) {
            slowed.sent(since);
        }
        double random = atRandom();
        allowance = random == 0 ? 0 : Math.min(IN_A_ROW, allowance + TWICE * random);
        return new Sent(now, isSlowed);
    }

    /**
     * A call was turned away.
     *
     * @return whether fewer calls may help; if not, it was turned away as others are at random
     */
    boolean turnedAway(Sent sent, Instant now) {
        usual.turnedAway();
        if (sent.isSlowed()) {
            slowed.turnedAway();
        }
        boolean byChance = allowance >= 1;
        if (byChance) {
            allowance--;
        }
        boolean sentSinceThen = tightenedAt.equals(Instant.MIN) || sent.at().isAfter(tightenedAt);
        if (sentSinceThen && isLater(now, byChance ? EXPERIMENT : TIGHTENED)) {
            tightened = Math.max(TIGHTEST, at(now) * TIGHTER);
            tightenedAt = now;
            slowedFrom = Instant.MAX;
        }
        return !byChance;
    }

    /** The share of calls that is turned away at random; 0 if it is not known to be chance. */
    private double atRandom() {
        boolean chance =
                slowed.calls() >= ENOUGH
                        && usual.share() <= MOST_AT_RANDOM
                        && slowed.share() >= (isChance ? STILL : AS_BEFORE) * usual.share();
        isChance = chance && slowed.share() > 0;
        return chance ? Math.min(MOST_AT_RANDOM, slowed.share()) : 0;
    }

    private boolean isSlowed(Instant now) {
        return !now.isBefore(slowedFrom)
                && Duration.between(slowedFrom, now).compareTo(SLOWED) <= 0;
    }

    private boolean isLater(Instant now, Duration time) {
        return tightenedAt.equals(Instant.MIN) || now.isAfter(tightenedAt.plus(time));
    }

    /** Which share of the latest calls was turned away. */
    private static final class ShareTurnedAway {
        private final double fewest;
        private final double nanos;
        private double calls;
        private double turnedAway;

        /**
         * @param fewest calls that are remembered, however long ago they were
         * @param time for which calls are remembered, however many there were
         */
        ShareTurnedAway(double fewest, Duration time) {
            this.fewest = fewest;
            this.nanos = time.toNanos();
        }

        void sent(Duration since) {
            double kept = Math.max(1 - 1 / fewest, Math.exp(-since.toNanos() / nanos));
            calls = calls * kept + 1;
            turnedAway *= kept;
        }

        void turnedAway() {
            turnedAway++;
        }

        double calls() {
            return calls;
        }

        double share() {
            return turnedAway / Math.max(1, calls);
        }
    }
}
