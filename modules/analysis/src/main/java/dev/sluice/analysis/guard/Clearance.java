package dev.sluice.analysis.guard;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Duration;

/** Whether a call may be made now. */
sealed interface Clearance {
    /** It is settled whether it may. */
    sealed interface Decided extends Clearance {}

    /** It may, at this price; the permit must be given back with what came of the call. */
    record Cleared(DeploymentGuard.Permit permit, ModelPrice price) implements Decided {}

    /** Not yet; it is worth asking again after a wait. */
    record Waiting(Reason reason, Duration time) implements Clearance {
        /** What is waited for. */
        enum Reason {
            QUOTA,
            MAX_CALLS,
            THROTTLED,
            PAUSED,
            BREAKER_OPEN,
            BACKOFF
        }
    }

    /** Not any more. */
    record Denied(Failure failure) implements Decided {}
}
