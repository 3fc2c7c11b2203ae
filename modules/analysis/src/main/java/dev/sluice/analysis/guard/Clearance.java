package dev.sluice.analysis.guard;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Duration;

/** Decision of the guards about one call: cleared, denied, or wait. */
sealed interface Clearance {
    /** A final decision. */
    sealed interface Decided extends Clearance {}

    /** The call may be made at this price. The permit must be released with the call's result. */
    record Cleared(DeploymentGuard.Permit permit, ModelPrice price) implements Decided {}

    /** The call may not be made yet; the caller should ask again after the time. */
    record Waiting(Reason reason, Duration time) implements Clearance {
        /** Cause of the wait. */
        enum Reason {
            QUOTA,
            MAX_CALLS,
            THROTTLED,
            PAUSED,
            BREAKER_OPEN,
            BACKOFF
        }
    }

    /** The call may not be made, now or later. */
    record Denied(Failure failure) implements Decided {}
}
