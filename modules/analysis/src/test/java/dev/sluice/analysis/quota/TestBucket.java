package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import java.time.Instant;
import java.util.Optional;

/** A bucket with a limit and capacity of 60,000 units, of which 1,000 flow in per second. */
final class TestBucket {
    static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    static final double LIMIT = 60_000;

    private final BucketTracker tracker;

    TestBucket(RefundPolicy refundPolicy) {
        this.tracker = new BucketTracker(LIMIT, LIMIT, refundPolicy, 1, START);
    }

    BucketTracker tracker() {
        return tracker;
    }

    /** The 50 answers before the trial. */
    void settleIn() {
        answers(50, 60_000, 60_000, 60_000);
    }

    /** The 50 answers before the trial, with units used by others. */
    void othersUse(long units) {
        // A tenth of the first difference counts; the same difference then keeps it.
        answers(1, 60_000, 60_000, 60_000 - 10 * units);
        answers(49, 60_000, 60_000, 60_000 - units);
    }

    /** A 429 by a bucket with nothing left. */
    void rejectEmpty() {
        answers(1, 0, 0, 0);
        tracker.throttled(START);
    }

    void answers(int count, double kept, double settled, long remaining) {
        answers(tracker, count, kept, settled, remaining, START);
    }

    static void answers(
            BucketTracker tracker,
            int count,
            double kept,
            double settled,
            long remaining,
            Instant now) {
        for (int i = 0; i < count; i++) {
            tracker.reported(new LimitTracker.Mark(START, kept, settled), left(remaining), now);
        }
    }

    static RateLimits.Window left(long remaining) {
        return new RateLimits.Window((long) LIMIT, remaining, Optional.empty());
    }
}
