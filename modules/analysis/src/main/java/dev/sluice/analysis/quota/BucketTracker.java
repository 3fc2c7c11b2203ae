package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * A provider that counts in a bucket. Whether it gives back what was reserved and not used is found
 * out by a trial: somewhat more is sent than could be if it does not, until the two possibilities
 * lie well apart, and what the provider says decides. The trial uses a small part of the bucket and
 * ends long before it is empty.
 */
final class BucketTracker implements LimitTracker {
    /** How much of what was not used is sent again during the trial. */
    private static final double TRIAL = 0.5;

    /** Part of the bucket by which the possibilities must differ, or seconds of the limit. */
    private static final double APART = 0.1;

    private static final double APART_SECONDS = 1.5;

    /** They must differ by so many calls too, or one call's luck would decide. */
    private static final double APART_CALLS = 4;

    private static final int VOTES = 5;
    private static final double MEMORY = 0.9;

    /** Calls that are seen before the trial begins, so that as many begin as end. */
    private static final int SETTLED_IN = 50;

    /** After a wrong verdict, which a 429 shows where nothing was left, it is tried again. */
    private static final Duration TRY_AGAIN = Duration.ofMinutes(5);

    /** Part of the bucket that floating point may lose. */
    private static final double ROUNDING = 1e-9;

    /** So long after the last word what others have used begins to flow back. */
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final double perMinute;
    private final double capacity;
    private final Bucket kept;
    private final Bucket settled;
    private double share;
    private RefundPolicy refundPolicy;
    private double offset;
    private double largest;
    private int seen;
    private int votes;
    private Instant keptSince = Instant.MIN;
    private Instant saidAt;
    private double remaining;

    /** Whether a provider gives back what was reserved and not used. */
    enum RefundPolicy {
        UNKNOWN,
        NONE,
        REFUNDS
    }

    /**
     * @param perMinute the limit of all workers
     * @param capacity the most there can be in the bucket
     * @param share this worker's
     */
    BucketTracker(
            double perMinute,
            double capacity,
            RefundPolicy refundPolicy,
            double share,
            Instant now) {
        this.perMinute = perMinute;
        this.capacity = capacity;
        this.refundPolicy = refundPolicy;
        this.share = share;
        // What this worker takes out of its share; what the others do shows in the offset.
        this.kept = new Bucket(perMinute * share, capacity, now);
        this.settled = new Bucket(perMinute * share, capacity, now);
        this.saidAt = now;
        this.remaining = capacity;
        kept.give(capacity, 0, now);
        settled.give(capacity, 0, now);
    }

    RefundPolicy refundPolicy() {
        return refundPolicy;
    }

    @Override
    public void share(double newShare, Instant now) {
        share = newShare;
        kept.rate(perMinute * share, capacity, now);
        settled.rate(perMinute * share, capacity, now);
    }

    @Override
    public Duration wait(double units, Instant now) {
        if (share == 0) {
            // Nothing flows in: the pace lets no call through.
            return Duration.ZERO;
        }
        double needed = Math.min(units / share, capacity) - ROUNDING * capacity;
        // Both parts only grow, the one from now on, the other once nobody has said anything.
        double level = counter().level(now);
        double owed = others(now);
        double quiet = Math.max(0, Duration.between(now, saidAt.plus(QUIET)).toNanos());
        double counterFull = (capacity - level) / (perNano() * share);
        double othersBack = quiet - owed / perNano();
        double grows = level + owed;
        if (grows >= needed) {
            return Duration.ZERO;
        }
        double nanos = 0;
        double[] turns = {counterFull, quiet, othersBack};
        Arrays.sort(turns);
        for (double turn : turns) {
            double perNano =
                    (nanos < counterFull ? perNano() * share : 0)
                            + (nanos >= quiet && nanos < othersBack ? perNano() : 0);
            if (turn > nanos) {
                double missing = needed - grows;
                if (perNano * (turn - nanos) >= missing) {
                    return nanos(nanos + missing / perNano);
                }
                grows += perNano * (turn - nanos);
                nanos = turn;
            }
        }
        return nanos(nanos);
    }

    private static Duration nanos(double nanos) {
        return Duration.ofNanos((long) Math.ceil(nanos));
    }

    @Override
    public Mark sent(double units, Instant now) {
        kept.take(units, now);
        settled.take(units, now);
        largest = Math.max(largest, units);
        return new Mark(now, kept.level(now), settled.level(now));
    }

    @Override
    public void unsent(Mark mark, double units, Instant now) {
        kept.give(units, 0, now);
        settled.give(units, 0, now);
    }

    @Override
    public void settled(double reserved, double used, Instant now) {
        settle(reserved - used, now);
    }

    @Override
    public void said(Mark mark, RateLimits.Window said, Instant now) {
        seen++;
        saidAt = now;
        remaining = said.remaining();
        double apart = mark.settled() - mark.kept();
        if (refundPolicy == RefundPolicy.UNKNOWN && seen > SETTLED_IN && apart >= needed()) {
            double toKept = Math.abs(said.remaining() - offset - mark.kept());
            double toSettled = Math.abs(said.remaining() - offset - mark.settled());
            votes += toSettled < toKept ? 1 : -1;
            if (Math.abs(votes) >= VOTES) {
                refundPolicy = votes > 0 ? RefundPolicy.REFUNDS : RefundPolicy.NONE;
                keptSince = now;
            }
            return;
        }
        boolean comparable = refundPolicy != RefundPolicy.UNKNOWN || apart < needed() / 4;
        if (comparable) {
            double tracked = refundPolicy == RefundPolicy.REFUNDS ? mark.settled() : mark.kept();
            offset = Math.min(0, MEMORY * offset + (1 - MEMORY) * (said.remaining() - tracked));
        }
        if (refundPolicy == RefundPolicy.NONE && now.isAfter(keptSince.plus(TRY_AGAIN))) {
            startOver(now);
        }
    }

    /** A call that is turned away while there was room says nothing of how this limit counts. */
    @Override
    public void throttled(Instant now) {
        double late = Math.max(APART_SECONDS * 1e9 * perNano(), APART_CALLS * largest);
        if (remaining > late) {
            return;
        }
        refundPolicy = RefundPolicy.NONE;
        keptSince = now;
        votes = 0;
    }

    @Override
    public double refunds() {
        return switch (refundPolicy) {
            case REFUNDS -> 1;
            case NONE -> 0;
            case UNKNOWN -> seen > SETTLED_IN && needed() < capacity / 2 ? TRIAL : 0;
        };
    }

    /**
     * What others have left, as an amount below what this worker knows of itself. Where it holds
     * all calls back nobody says any more what has become of it.
     */
    private double others(Instant now) {
        double quiet = Duration.between(saidAt.plus(QUIET), now).toNanos();
        return Math.min(0, offset + perNano() * Math.max(0, quiet));
    }

    private void settle(double unused, Instant now) {
        if (unused > 0) {
            settled.give(unused, 0, now);
        } else {
            settled.take(-unused, now);
        }
    }

    private Bucket counter() {
        return refundPolicy == RefundPolicy.REFUNDS ? settled : kept;
    }

    private double perNano() {
        return perMinute / 60e9;
    }

    private double needed() {
        double some = Math.min(APART * capacity, APART_SECONDS * 1e9 * perNano());
        return Math.max(some, APART_CALLS * largest);
    }

    private void startOver(Instant now) {
        refundPolicy = RefundPolicy.UNKNOWN;
        votes = 0;
        seen = 0;
        double level = kept.level(now);
        settled.take(settled.level(now) - level, now);
    }
}
