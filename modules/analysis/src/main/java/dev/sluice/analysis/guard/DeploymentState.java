package dev.sluice.analysis.guard;

import java.util.Locale;

/**
 * State of a deployment: whether it takes calls, and if not, the cause.
 *
 * @param cause the provider's last message, for people; empty while calls are taken
 */
public record DeploymentState(Kind kind, String cause) {
    static final DeploymentState TAKING_CALLS = new DeploymentState(Kind.TAKING_CALLS, "");

    /** Kind of state. Where several causes apply, the first one in this order. */
    public enum Kind {
        TAKING_CALLS,
        /** An operator has to fix a fault; single probes are let through. */
        PAUSED,
        /** Calls fail; the circuit breaker is open. */
        FAILING,
        /** Calls failed; the circuit breaker lets a few probes through. */
        PROBING,
        /** The provider asked to come back later. */
        THROTTLED;

        /** Its name in metrics and logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
