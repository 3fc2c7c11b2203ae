package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/**
 * What a job may cost, USD.
 *
 * @param oneCall without so much it is of no use
 * @param whole every call it may make, each at its worst
 */
public record CostEstimate(Cost oneCall, Cost whole) {
    /**
     * A worst case is many times what a job costs. If the first job had all that is left, the
     * others would wait for it, one after the other.
     */
    private static final int PARTS = 4;

    public CostEstimate {
        if (oneCall.compareTo(whole) > 0) {
            throw new IllegalArgumentException(
                    "one call needs " + oneCall + ", all of them only " + whole);
        }
    }

    /** What a job may have of what is free: a part of it, and one call's worth at least. */
    public Cost of(Cost free) {
        return free.part(PARTS).max(oneCall).min(whole);
    }
}
