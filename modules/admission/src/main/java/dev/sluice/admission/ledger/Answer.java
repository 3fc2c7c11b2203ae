package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/** Whether there is money for a job. */
public sealed interface Answer {
    /**
     * There is.
     *
     * @param cap what it may cost: one call at least, all it may need at most
     */
    record Granted(Cost cap) implements Answer {}

    /** Only reservations of jobs under way are in the way: they may leave enough. */
    record InTheWay() implements Answer {}

    /**
     * Spent.
     *
     * @param left less than one call needs
     */
    record Exhausted(Cost left) implements Answer {}
}
