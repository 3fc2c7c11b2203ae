package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;

/**
 * Model of the provider's own counter of one limit, computed from the calls this worker sent and
 * the remaining amounts the provider reported. {@link BucketTracker} models a bucket that refills
 * steadily, {@link WindowTracker} fixed windows. Units are requests or tokens. Not safe for use by
 * several threads.
 */
sealed interface LimitTracker permits BucketTracker, WindowTracker {
    /**
     * Longest time for which unused rate may be saved up, once the provider's way of counting is
     * known. Example: 6,000 requests per minute for 250 ms is a burst of 25 requests.
     */
    Duration BURST = Duration.ofMillis(250);

    /** Time for which unused rate may be saved up and sent at once. */
    default Duration burst() {
        return BURST;
    }

    /** Sets this worker's part of the limit, from 0 to 1. */
    void share(double share, Instant now);

    /** Time until the provider has these units left for this worker; zero if it has them now. */
    Duration wait(double units, Instant now);

    /** Counts a call that is sent; returns the counter after it. */
    Mark sent(double units, Instant now);

    /** Takes back a call that was counted and not sent. */
    void unsent(Mark mark, double units, Instant now);

    /** Counts the actual use of an answered call. */
    void settled(double reserved, double used, Instant now);

    /** Corrects the model by the limits reported in the answer to a call. */
    void reported(Mark mark, RateLimits.Window reported, Instant now);

    /** Counts a 429. */
    void throttled(Instant now);

    /** Fraction of the reserved and unused units that may be sent again, from 0 to 1. */
    double refunds();

    /**
     * The counter directly after a call was sent.
     *
     * @param kept units left if the provider charges reservations
     * @param settled units left if the provider charges actual use
     */
    record Mark(Instant at, double kept, double settled) {}
}
