package dev.sluice.analysis.guard;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how patiently a failed call is tried again: exponential backoff with full jitter.
 *
 * @param attempts failed tries that count against a job before it is given up
 * @param base upper bound of the first wait; doubled for each further one
 * @param limit upper bound of every wait
 */
public record RetryPolicy(int attempts, Duration base, Duration limit) {
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(8, Duration.ofSeconds(1), Duration.ofSeconds(30));

    public RetryPolicy {
        if (attempts < 1 || base.isNegative() || limit.compareTo(base) < 0) {
            throw new IllegalArgumentException(
                    "retries need at least one attempt and base <= limit, were "
                            + attempts
                            + ", "
                            + base
                            + ", "
                            + limit);
        }
    }

    Duration wait(int failures, RandomGenerator random) {
        long bound = base.toMillis() << Math.min(Math.max(0, failures - 1), 20);
        return Duration.ofMillis(random.nextLong(Math.min(bound, limit.toMillis()) + 1));
    }
}
