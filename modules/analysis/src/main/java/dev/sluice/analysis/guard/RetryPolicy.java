package dev.sluice.analysis.guard;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how patiently a failed call is tried again: exponential backoff with full jitter.
 *
 * @param attempts failed tries that count against a job before it is given up
 * @param base upper bound of the first wait; doubled for each further one
 * @param limit upper bound of every wait
 * @param counting which failed tries count against a job
 */
public record RetryPolicy(int attempts, Duration base, Duration limit, Counting counting) {
    /** Which failed tries count against a job. */
    public enum Counting {
        /** Those that others did not share: in an outage jobs wait until their deadline. */
        OWN,
        /** All of them, for somebody who waits for the answer. */
        ALL
    }

    public static final RetryPolicy DEFAULT =
            new RetryPolicy(8, Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** Only tries count that others did not share. */
    public RetryPolicy(int attempts, Duration base, Duration limit) {
        this(attempts, base, limit, Counting.OWN);
    }

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

    /** The default with so many tries, each of which counts. */
    public static RetryPolicy ofAllTries(int attempts) {
        return new RetryPolicy(attempts, DEFAULT.base, DEFAULT.limit, Counting.ALL);
    }

    Duration wait(int failures, RandomGenerator random) {
        long bound = base.toMillis() << Math.min(Math.max(0, failures - 1), 20);
        return Duration.ofMillis(random.nextLong(Math.min(bound, limit.toMillis()) + 1));
    }
}
