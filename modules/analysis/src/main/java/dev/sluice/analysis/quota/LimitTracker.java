package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;

/**
 * What the provider's own counter must look like, from what was sent and what the provider says.
 * Not safe for use by several threads.
 */
sealed interface LimitTracker permits BucketTracker, WindowTracker {
    /** What may go at once after a pause, where it is known how the provider counts. */
    Duration BURST = Duration.ofMillis(250);

    /** For how long what could not be sent may be saved up. */
    default Duration burst() {
        return BURST;
    }

    /** From now on so much of the limit is this worker's. */
    void share(double share, Instant now);

    /** How long until the provider has so much left for this worker; zero if it has. */
    Duration wait(double units, Instant now);

    /** A call goes; the mark is what the counter looks like after it. */
    Mark sent(double units, Instant now);

    /** A call that was marked did not go after all. */
    void unsent(Mark mark, double units, Instant now);

    /** A call was answered and turned out to have used so much. */
    void settled(double reserved, double used, Instant now);

    /** What the provider said with the answer to a call. */
    void said(Mark mark, RateLimits.Window said, Instant now);

    /** The provider turned a call away. */
    void throttled(Instant now);

    /** Which part of what was reserved and not used may be sent again. */
    double refunds();

    /**
     * The counter when a call was sent.
     *
     * @param kept what would be left if the provider charged what it estimates
     * @param settled what would be left if it charged what was used
     */
    record Mark(Instant at, double kept, double settled) {}
}
