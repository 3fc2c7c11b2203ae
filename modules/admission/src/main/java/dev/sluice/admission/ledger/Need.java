package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/**
 * What a job may cost, USD.
 *
 * @param oneCall without so much it is of no use
 * @param whole every call it may make, each at its worst
 */
public record Need(Cost oneCall, Cost whole) {
    public Need {
        if (oneCall.compareTo(whole) > 0) {
            throw new IllegalArgumentException(
                    "one call needs " + oneCall + ", all of them only " + whole);
        }
    }
}
