package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One rate limit of a provider, in units (requests or tokens) per minute. Calls reserve the most
 * they may use and settle what they used. Calls are paced evenly by a {@link Bucket}, because a
 * provider may enforce a limit per minute by the second. A {@link LimitTracker} corrects the pace
 * by the limits that the provider reports.
 *
 * <p>{@code allowed = limit * 0.985 * share * usedPart}, where {@code usedPart} comes from {@link
 * Throttle}. A call waits for the pace and for the tracker, whichever is longer. Example: a limit
 * of 6,000 requests per minute, a share of 0.5 and a used part of 1 allow 2,955 requests per
 * minute, one every 20.3 ms. The burst is 15 ms of that rate until the provider's way of counting
 * is known, less than one request. It is 250 ms afterwards, 12.3 requests.
 *
 * <p>Not safe for use by several threads.
 */
final class Quota {
    /** Fraction of a limit that is used; the rest covers network delays and errors of estimates. */
    static final double HEADROOM = 0.985;

    /**
     * Burst while the provider's way of counting is unknown. A provider's window of one second must
     * have room for the burst beside a full second of calls.
     */
    static final Duration FIRST_BURST = Duration.ofMillis(15);

    /**
     * Room above the bound for units given back, in largest calls. Units given back by a call
     * larger than the burst would otherwise be lost before the next call.
     */
    private static final double ROOM = 4;

    /** Decay of the largest call seen, for each reservation. */
    private static final double FORGET = 0.999;

    private final RefundPolicy refunds;
    private final Bucket pace;
    private final ResetPattern pattern = new ResetPattern();
    private Optional<LimitTracker> tracker = Optional.empty();
    private double perMinute;
    private double share;
    private double largest;
    private double usedPart = 1;

    /** Units of the limit that a call holds until it is settled. */
    record Reservation(double units, Instant at, Optional<Tracked> tracked) {}

    /** A tracker and its counter when a call was sent. */
    private record Tracked(LimitTracker tracker, LimitTracker.Mark mark) {}

    /**
     * @param perMinute the provider's limit, in units per minute
     * @param refunds whether the provider gives back units that were reserved and not used
     * @param share this worker's part of the limit, from 0 to 1
     */
    Quota(double perMinute, RefundPolicy refunds, double share, Instant now) {
        this.perMinute = perMinute;
        this.refunds = refunds;
        this.share = share;
        this.pace = new Bucket(allowed(), burst(), now);
    }

    double perMinute() {
        return perMinute;
    }

    /** Units per minute that calls may use now. */
    double allowed() {
        return perMinute * HEADROOM * share * usedPart;
    }

    /** Fraction of the reserved and unused units that may be sent again, from 0 to 1. */
    double refunds() {
        return tracker.map(LimitTracker::refunds)
                .orElse(refunds == RefundPolicy.REFUNDS ? 1.0 : 0.0);
    }

    /** Sets a limit that the provider reports; a debt of the old limit is kept. */
    void limit(double newPerMinute, Instant now) {
        perMinute = newPerMinute;
        tracker = Optional.empty();
        pace.rate(allowed(), burst(), now);
    }

    void share(double newShare, Instant now) {
        share = newShare;
        tracker.ifPresent(m -> m.share(share, now));
        pace.rate(allowed(), burst(), now);
    }

    /** Sets the part of the limit to use from now on. Waits already returned do not change. */
    void usePart(double part, Instant now) {
        if (part != usedPart) {
            usedPart = part;
            pace.rate(allowed(), burst(), now);
        }
    }

    /** Time until a call may reserve the units; zero if it may now. Changes no state. */
    Duration wait(double units, Instant now) {
        Duration paced = pace.wait(units, now);
        Duration tracked = tracker.map(m -> m.wait(units, now)).orElse(Duration.ZERO);
        return paced.compareTo(tracked) > 0 ? paced : tracked;
    }

    Reservation reserve(double units, Instant now) {
        largest = Math.max(largest * FORGET, units);
        pace.take(units, now);
        return new Reservation(units, now, tracker.map(m -> new Tracked(m, m.sent(units, now))));
    }

    /** Returns the units of a call that was not sent. */
    void giveBack(Reservation reservation, Instant now) {
        pace.give(reservation.units(), ROOM * largest, now);
        current(reservation).ifPresent(m -> m.tracker().unsent(m.mark(), reservation.units(), now));
    }

    /** Settles the reservation of an answered call with its actual use. */
    void settle(Reservation reservation, double used, Instant now) {
        double unused = reservation.units() - used;
        if (unused > 0) {
            pace.give(unused * refunds(), ROOM * largest, now);
        } else {
            pace.take(-unused, now);
        }
        current(reservation).ifPresent(m -> m.tracker().settled(reservation.units(), used, now));
    }

    /** Learns from the limit reported with an answer. */
    void reported(Reservation reservation, RateLimits.Window reported, Instant now) {
        pattern.observe(reservation.at(), reported, perMinute / 60e9);
        current(reservation).ifPresent(m -> m.tracker().reported(m.mark(), reported, now));
        Optional<ResetPattern.Kind> kind =
                refunds == RefundPolicy.REFUNDS
                        ? Optional.of(ResetPattern.Kind.BUCKET)
                        : pattern.kind();
        kind.ifPresent(known -> tracked(known, reported, now));
    }

    /** Counts a 429: the provider rejected a call because of its rate limits. */
    void throttled(Instant now) {
        tracker.ifPresent(m -> m.throttled(now));
        // Units that flow in while calls pause must not be sent at once afterwards.
        pace.empty(now);
    }

    /**
     * The reservation's mark; empty if it belongs to an earlier tracker, which counted another
     * limit.
     */
    private Optional<Tracked> current(Reservation reservation) {
        return reservation
                .tracked()
                .filter(tracked -> tracker.filter(m -> m == tracked.tracker()).isPresent());
    }

    private void tracked(ResetPattern.Kind kind, RateLimits.Window reported, Instant now) {
        boolean known =
                switch (kind) {
                    case BUCKET -> tracker.filter(BucketTracker.class::isInstance).isPresent();
                    case WINDOW -> tracker.filter(this::countsKnownWindows).isPresent();
                };
        if (!known) {
            tracker =
                    switch (kind) {
                        case BUCKET -> Optional.of(bucket(reported, now));
                        case WINDOW -> windows(reported, now);
                    };
            pace.rate(allowed(), burst(), now);
        }
    }

    /**
     * Whether the tracker counts windows of the known length. Windows seem longer than they are
     * until answers from two adjacent windows have been seen.
     */
    private boolean countsKnownWindows(LimitTracker current) {
        return current instanceof WindowTracker windows
                && pattern.length().filter(windows.length()::equals).isPresent();
    }

    private Optional<LimitTracker> windows(RateLimits.Window reported, Instant now) {
        return pattern.length()
                .map(length ->
                        new WindowTracker(
                                reported.limit(), length, share, pattern.lastEdge(), now));
    }

    private LimitTracker bucket(RateLimits.Window reported, Instant now) {
        return new BucketTracker(perMinute, reported.limit(), refunds, share, now);
    }

    private double burst() {
        Duration longest =
                tracker.map(LimitTracker::burst)
                        .orElse(refunds == RefundPolicy.REFUNDS ? LimitTracker.BURST : FIRST_BURST);
        return allowed() / 60e9 * longest.toNanos();
    }
}
