package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * Model of a provider's token bucket, which also finds out whether the provider refunds tokens that
 * a call reserved and did not use. Two counters are kept: {@code kept} charges each call its
 * reservation, {@code settled} charges what the call used. During a trial half of the unused tokens
 * are sent again, so that the counters drift apart. Once they differ by {@code max(min(10 % of the
 * capacity, 1.5 s of the limit), 4 times the largest call)}, each answer's {@code remaining} votes
 * for the nearer counter. A lead of five votes decides. The trial starts after 50 answers, uses a
 * small part of the bucket and ends long before the bucket is empty.
 *
 * <p>{@code offset} is the amount by which {@code remaining} lies below the counter: other users of
 * the same limit. It is a moving average (90 % old value, 10 % new) and never positive.
 *
 * <p>Example: a limit and capacity of 60,000 tokens per minute, largest call 1,200 tokens. The
 * counters must differ by max(min(6,000, 1,500), 4,800) = 4,800 tokens. With kept = 55,000, settled
 * = 59,900 and offset = -200, an answer with 59,400 remaining lies 300 from settled (59,700) and
 * 4,600 from kept (54,800): a vote for refunds.
 *
 * <p>Units are requests or tokens. Not safe for use by several threads.
 */
final class BucketTracker implements LimitTracker {
    /** Fraction of the unused tokens that is sent again during the trial. */
    private static final double TRIAL = 0.5;

    /**
     * Difference of the counters that a vote needs: this fraction of the capacity, or the units of
     * {@link #APART_SECONDS} if those are fewer.
     */
    private static final double APART = 0.1;

    private static final double APART_SECONDS = 1.5;

    /**
     * The counters must also differ by this many of the largest calls, so that no single call
     * decides.
     */
    private static final double APART_CALLS = 4;

    private static final int VOTES = 5;
    private static final double MEMORY = 0.9;

    /** Answers before the trial begins, so that about as many calls start as end. */
    private static final int SETTLED_IN = 50;

    /**
     * Time after which a verdict of "no refunds" is tried again. A 429 with little left in the
     * bucket leads to that verdict.
     */
    private static final Duration TRY_AGAIN = Duration.ofMinutes(5);

    /** Tolerated floating-point error, as a fraction of the capacity. */
    private static final double ROUNDING = 1e-9;

    /** Time without answers after which the units used by others are assumed to flow back. */
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final double perMinute;
    private final double capacity;
    private final Bucket kept;
    private final Bucket settled;
    private double share;
    private final RefundPolicy configured;
    private RefundPolicy refundPolicy;
    private double offset;
    private double largest;
    private int seen;
    private int votes;
    private Instant keptSince = Instant.MIN;
    private Instant reportedAt;
    private double remaining;

    /**
     * @param perMinute the limit of all workers together, in units per minute
     * @param capacity most units the provider's bucket can hold
     * @param share this worker's part of the limit, from 0 to 1
     */
    BucketTracker(
            double perMinute,
            double capacity,
            RefundPolicy refundPolicy,
            double share,
            Instant now) {
        this.perMinute = perMinute;
        this.capacity = capacity;
        this.configured = refundPolicy;
        this.refundPolicy = refundPolicy;
        this.share = share;
        // Both count this worker's calls only; the calls of others show in the offset.
        this.kept = new Bucket(perMinute * share, capacity, now);
        this.settled = new Bucket(perMinute * share, capacity, now);
        this.reportedAt = now;
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
            // Nothing flows in: the pacing bucket of the quota lets no call through.
            return Duration.ZERO;
        }
        double needed = Math.min(units / share, capacity) - ROUNDING * capacity;
        // Both parts only grow: the counter from now on, the part of others after QUIET.
        double level = counter().level(now);
        double owed = usedByOthers(now);
        double quiet = Math.max(0, Duration.between(now, reportedAt.plus(QUIET)).toNanos());
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
    public void reported(Mark mark, RateLimits.Window reported, Instant now) {
        seen++;
        reportedAt = now;
        remaining = reported.remaining();
        double apart = mark.settled() - mark.kept();
        if (refundPolicy == RefundPolicy.UNKNOWN
                && seen > SETTLED_IN
                && apart >= requiredDifference()) {
            double toKept = Math.abs(reported.remaining() - offset - mark.kept());
            double toSettled = Math.abs(reported.remaining() - offset - mark.settled());
            votes += toSettled < toKept ? 1 : -1;
            if (Math.abs(votes) >= VOTES) {
                refundPolicy = votes > 0 ? RefundPolicy.REFUNDS : RefundPolicy.NONE;
                keptSince = now;
            }
            return;
        }
        boolean comparable =
                refundPolicy != RefundPolicy.UNKNOWN || apart < requiredDifference() / 4;
        if (comparable) {
            double tracked = refundPolicy == RefundPolicy.REFUNDS ? mark.settled() : mark.kept();
            offset = Math.min(0, MEMORY * offset + (1 - MEMORY) * (reported.remaining() - tracked));
        }
        if (configured != RefundPolicy.NONE
                && refundPolicy == RefundPolicy.NONE
                && now.isAfter(keptSince.plus(TRY_AGAIN))) {
            restartTrial(now);
        }
    }

    /**
     * Concludes that the provider does not refund, unless the bucket had room: a 429 with room left
     * is caused by another limit.
     */
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
            case UNKNOWN -> seen > SETTLED_IN && requiredDifference() < capacity / 2 ? TRIAL : 0;
        };
    }

    /**
     * Units used by others, as an amount of at most 0 to add to this worker's counter. Flows back
     * to 0 at the rate of the limit when no answer has come for {@link #QUIET}: a worker that holds
     * back all calls gets no new answers.
     */
    private double usedByOthers(Instant now) {
        double quiet = Duration.between(reportedAt.plus(QUIET), now).toNanos();
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

    private double requiredDifference() {
        double some = Math.min(APART * capacity, APART_SECONDS * 1e9 * perNano());
        return Math.max(some, APART_CALLS * largest);
    }

    private void restartTrial(Instant now) {
        refundPolicy = RefundPolicy.UNKNOWN;
        votes = 0;
        seen = 0;
        double level = kept.level(now);
        settled.take(settled.level(now) - level, now);
    }
}
