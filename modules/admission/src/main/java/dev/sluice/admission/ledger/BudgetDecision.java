package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/** Whether there is money for a job. */
public sealed interface BudgetDecision {
    /**
     * There is.
     *
     * @param cap what it may cost: one call at least, all it may need at most
     */
    record Granted(Cost cap) implements BudgetDecision {}

    /** Only reservations of jobs under way are in the way: they may leave enough. */
    record InTheWay() implements BudgetDecision {}

    /**
     * Spent.
     *
     * @param left less than one call needs
     */
    record Exhausted(Cost left) implements BudgetDecision {}
}
