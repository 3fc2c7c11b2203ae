package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One limit of a provider in units per minute, be they requests or tokens. Calls reserve what they
 * may use and settle what they did; they are paced evenly, because a provider may enforce a minute
 * by the second. What the provider says corrects it. Not safe for use by several threads.
 */
final class Quota {
    /** Left to delays of the network and to estimates that are a little off. */
    static final double HEADROOM = 0.985;

    /**
     * Where it is not known how the provider counts, a window of a second must hold it beside a
     * second's worth of calls.
     */
    static final Duration FIRST_BURST = Duration.ofMillis(15);

    /** Where a call is larger than a burst, what is given back must not be lost before the next. */
    private static final double ROOM = 4;

    private static final double FORGET = 0.999;

    private final boolean settles;
    private final Bucket pace;
    private final ResetPattern pattern = new ResetPattern();
    private Optional<LimitTracker> tracker = Optional.empty();
    private double perMinute;
    private double share;
    private double largest;
    private double usedPart = 1;

    /** What a call holds of the limit until it is settled. */
    record Reservation(double units, Instant at, Optional<Tracked> tracked) {}

    /** What a tracker showed when a call was sent. */
    private record Tracked(LimitTracker tracker, LimitTracker.Mark mark) {}

    /**
     * @param perMinute the provider's limit
     * @param settles whether the provider is known to give back what was reserved and not used
     * @param share of the limit that is this worker's, from 0 to 1
     */
    Quota(double perMinute, boolean settles, double share, Instant now) {
        this.perMinute = perMinute;
        this.settles = settles;
        this.share = share;
        this.pace = new Bucket(allowed(), burst(), now);
    }

    double perMinute() {
        return perMinute;
    }

    /** Units per minute at which calls are let through now. */
    double allowed() {
        return perMinute * HEADROOM * share * usedPart;
    }

    /** Which part of what calls reserve and do not use is sent again. */
    double refunds() {
        return tracker.map(LimitTracker::refunds).orElse(settles ? 1.0 : 0.0);
    }

    /** The provider tells another limit; what calls owe of the old one they owe of this one. */
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

    /** From now on only this part of the limit is used; a call that waits already waits as told. */
    void usePart(double part, Instant now) {
        if (part != usedPart) {
            usedPart = part;
            pace.rate(allowed(), burst(), now);
        }
    }

    /** How long until a call may reserve so much; zero if it may now. Asking changes nothing. */
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

    /** The call was not sent after all. */
    void giveBack(Reservation reservation, Instant now) {
        pace.give(reservation.units(), ROOM * largest, now);
        current(reservation).ifPresent(m -> m.tracker().unsent(m.mark(), reservation.units(), now));
    }

    /** The call was answered and used so much. */
    void settle(Reservation reservation, double used, Instant now) {
        double unused = reservation.units() - used;
        if (unused > 0) {
            pace.give(unused * refunds(), ROOM * largest, now);
        } else {
            pace.take(-unused, now);
        }
        current(reservation).ifPresent(m -> m.tracker().settled(reservation.units(), used, now));
    }

    /** What the provider said with the answer. */
    void said(Reservation reservation, RateLimits.Window said, Instant now) {
        pattern.observe(reservation.at(), said, perMinute / 60e9);
        current(reservation).ifPresent(m -> m.tracker().said(m.mark(), said, now));
        Optional<ResetPattern.Kind> kind =
                settles ? Optional.of(ResetPattern.Kind.BUCKET) : pattern.kind();
        kind.ifPresent(known -> tracked(known, said, now));
    }

    /** The provider turned a call away because too much was sent. */
    void throttled(Instant now) {
        tracker.ifPresent(m -> m.throttled(now));
        // What flows in while calls pause must not go at once afterwards.
        pace.empty(now);
    }

    /** Nothing, if the call was sent before there was this tracker: it shows another limit. */
    private Optional<Tracked> current(Reservation reservation) {
        return reservation
                .tracked()
                .filter(tracked -> tracker.filter(m -> m == tracked.tracker()).isPresent());
    }

    private void tracked(ResetPattern.Kind kind, RateLimits.Window said, Instant now) {
        boolean known =
                switch (kind) {
                    case BUCKET -> tracker.filter(BucketTracker.class::isInstance).isPresent();
                    case WINDOW -> tracker.filter(this::isOfWindows).isPresent();
                };
        if (!known) {
            tracker =
                    switch (kind) {
                        case BUCKET -> Optional.of(bucket(said, now));
                        case WINDOW -> windows(said, now);
                    };
            pace.rate(allowed(), burst(), now);
        }
    }

    /** Windows look longer than they are until calls were answered in two that are neighbours. */
    private boolean isOfWindows(LimitTracker present) {
        return present instanceof WindowTracker windows
                && pattern.length().filter(windows.length()::equals).isPresent();
    }

    private Optional<LimitTracker> windows(RateLimits.Window said, Instant now) {
        return pattern.length()
                .map(length ->
                        new WindowTracker(said.limit(), length, share, pattern.lastEdge(), now));
    }

    private LimitTracker bucket(RateLimits.Window said, Instant now) {
        return new BucketTracker(
                perMinute,
                said.limit(),
                settles ? BucketTracker.RefundPolicy.REFUNDS : BucketTracker.RefundPolicy.UNKNOWN,
                share,
                now);
    }

    private double burst() {
        Duration longest =
                tracker.map(LimitTracker::burst).orElse(settles ? LimitTracker.BURST : FIRST_BURST);
        return allowed() / 60e9 * longest.toNanos();
    }
}
