package dev.sluice.app.redrive;

import java.util.List;

/**
 * What became of the requests of a plan.
 *
 * @param published number of requests that the brokers have
 * @param skipped number of requests that have got a result or were discarded since the plan, or
 *     whose record is gone
 * @param rejected what the brokers did not take: requestId and reason
 */
public record Published(long published, long skipped, List<String> rejected) {
    public Published {
        rejected = List.copyOf(rejected);
    }
}
