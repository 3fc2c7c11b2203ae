package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;

/** Whether a job fits under the ceilings. */
public sealed interface CeilingDecision {
    /**
     * The job may start.
     *
     * @param cap what it may cost: one call at least
     */
    record Fits(Cost cap) implements CeilingDecision {}

    /** Only reservations of jobs under way are in the way. */
    record InTheWay() implements CeilingDecision {}

    /**
     * The ceiling is spent.
     *
     * @param whose budget, for people
     * @param setting that sets it
     * @param left less than one call needs
     */
    record Reached(String whose, String setting, Cost ceiling, Cost left)
            implements CeilingDecision {}
}
