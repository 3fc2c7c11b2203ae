package dev.sluice.app.redrive;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which requests are redriven, and which are not.
 *
 * @param chosen where the dead letters of the requests are stored, the oldest first
 * @param byReason number of requests by the reason of their dead letter
 * @param left number of dead letters that are not redriven, by why
 * @param estimatedUsd what the redriven requests are expected to cost
 * @param worstUsd the most that they can cost
 */
public record RedrivePlan(
        List<Place> chosen,
        Map<String, Long> byReason,
        Map<String, Long> left,
        BigDecimal estimatedUsd,
        BigDecimal worstUsd) {
    /** Where a dead letter is stored. */
    public record Place(int partition, long offset) {}

    public RedrivePlan {
        chosen = List.copyOf(chosen);
        byReason = new TreeMap<>(byReason);
        left = new TreeMap<>(left);
    }

    Set<Place> places() {
        return Set.copyOf(chosen);
    }
}
