package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.util.Optional;

/**
 * Limits of one user that replace the configured ones.
 *
 * @param daily budget per day, USD
 * @param perHour requests per hour
 */
public record OwnLimits(Optional<Cost> daily, Optional<Integer> perHour) {
    /** No own limits: the configured ones apply. */
    public static final OwnLimits NONE = new OwnLimits(Optional.empty(), Optional.empty());
}
