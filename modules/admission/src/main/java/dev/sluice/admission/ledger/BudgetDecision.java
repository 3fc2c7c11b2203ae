package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/**
 * The user's budget's answer to a job: granted, held by reservations, or exhausted. Amounts in USD.
 */
public sealed interface BudgetDecision {
    /**
     * The budget has room.
     *
     * @param cap the most that the job may cost: at least one call, at most the whole job's worst
     *     case
     */
    record Granted(Cost cap) implements BudgetDecision {}

    /**
     * Reservations of running jobs hold the money. The request waits: settlements may free enough.
     */
    record HeldByReservations() implements BudgetDecision {}

    /**
     * The money is spent, or booked for calls whose answer was lost.
     *
     * @param left not spent yet; less than one call may cost
     */
    record Exhausted(Cost left) implements BudgetDecision {}
}
