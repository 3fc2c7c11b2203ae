package dev.sluice.analysis.guard;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Policy for retries of a failed call: exponential backoff with full jitter.
 *
 * <p>The wait is random between 0 and {@code min(limit, base * 2^(failures - 1))}, where {@code
 * failures} are the job's failures in a row. Example: with the default of 8 attempts, a base of 1 s
 * and a limit of 30 s, the bounds of the seven waits are 1, 2, 4, 8, 16, 30 and 30 s: at most 91 s
 * together, 45.5 s on average.
 *
 * @param attempts failed tries counted against a job until it is given up
 * @param base upper bound of the first wait; doubled for each further wait
 * @param limit upper bound of every wait
 * @param counting which failed tries count against the job
 */
public record RetryPolicy(int attempts, Duration base, Duration limit, Counting counting) {
    /** Rule which failed tries count against a job. */
    public enum Counting {
        /**
         * Failures while the deployment answers other jobs. In an outage jobs wait until their
         * deadline.
         */
        OWN,
        /** All failures, for a caller who waits for the answer. */
        ALL
    }

    public static final RetryPolicy DEFAULT =
            new RetryPolicy(8, Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** A policy with {@link Counting#OWN}. */
    public RetryPolicy(int attempts, Duration base, Duration limit) {
        this(attempts, base, limit, Counting.OWN);
    }

    public RetryPolicy {
        if (attempts < 1 || base.isNegative() || limit.compareTo(base) < 0) {
            throw new IllegalArgumentException(
                    "retries need attempts of at least 1 and 0 <= base <= limit, were "
                            + attempts
                            + ", "
                            + base
                            + ", "
                            + limit);
        }
    }

    /** The default waits with {@link Counting#ALL} and this many tries. */
    public static RetryPolicy ofAllTries(int attempts) {
        return new RetryPolicy(attempts, DEFAULT.base, DEFAULT.limit, Counting.ALL);
    }

    Duration wait(int failures, RandomGenerator random) {
        long bound = base.toMillis() << Math.min(Math.max(0, failures - 1), 20);
        return Duration.ofMillis(random.nextLong(Math.min(bound, limit.toMillis()) + 1));
    }
}
