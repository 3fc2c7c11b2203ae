package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.util.Optional;

/**
 * What one user may do in place of what is configured.
 *
 * @param daily what may be spent in a day
 * @param perHour how many requests pass in an hour
 */
public record OwnLimits(Optional<Cost> daily, Optional<Integer> perHour) {
    /** Everything as configured. */
    public static final OwnLimits NONE = new OwnLimits(Optional.empty(), Optional.empty());
}
