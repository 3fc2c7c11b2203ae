package dev.sluice.app.submit;

import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Priority;
import dev.sluice.contract.WhenOverBudget;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What all requests of a submission have in common.
 *
 * @param userId who pays for items that name no user; empty if all have to name one
 * @param deadline time from now on; empty for the default of 24 hours
 * @param attributes of each request, besides the item's own
 * @param runId empty to name the run after its requests
 * @param randomIds whether each submission is new work, even if it was submitted before
 */
public record RequestOptions(
        Optional<String> userId,
        Priority priority,
        CacheUse cache,
        WhenOverBudget whenOverBudget,
        Optional<Duration> deadline,
        Map<String, String> attributes,
        Optional<String> runId,
        boolean randomIds) {
    public RequestOptions {
        attributes = Map.copyOf(attributes);
    }
}
