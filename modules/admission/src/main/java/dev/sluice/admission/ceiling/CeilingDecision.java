package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;

/**
 * The ceilings' answer to a job: it fits, reservations hold the money, or a ceiling is reached.
 * Amounts in USD.
 */
public sealed interface CeilingDecision {
    /**
     * The job may start.
     *
     * @param cap the most that the job may cost; at least one call
     */
    record Fits(Cost cap) implements CeilingDecision {}

    /**
     * Reservations of running jobs hold the money. The request waits: settlements may free enough.
     */
    record HeldByReservations() implements CeilingDecision {}

    /**
     * The ceiling is spent.
     *
     * @param whose description of the budget, for messages
     * @param setting configuration key that sets it
     * @param ceiling budget per day
     * @param left not spent yet; less than one call may cost
     */
    record Reached(String whose, String setting, Cost ceiling, Cost left)
            implements CeilingDecision {}
}
