package dev.sluice.analysis.guard;

import java.util.Locale;

/**
 * Whether a deployment takes calls, and if not, why.
 *
 * @param cause what the provider said last, for people; empty while calls are taken
 */
public record DeploymentState(Kind kind, String cause) {
    static final DeploymentState TAKING_CALLS = new DeploymentState(Kind.TAKING_CALLS, "");

    /** Why a deployment takes no calls; the first that applies. */
    public enum Kind {
        TAKING_CALLS,
        /** An operator has to mend something; one call a time is tried. */
        PAUSED,
        /** Calls fail: the circuit breaker is open. */
        FAILING,
        /** Calls failed; a few are let through to see whether they still do. */
        PROBING,
        /** The provider asked to come back later. */
        THROTTLED;

        /** Its name in metrics and logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
