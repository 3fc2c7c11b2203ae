package dev.sluice.analysis.guard;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/**
 * Hard ceiling on the calls per second of one worker to one deployment, independent of the learned
 * quota. Calls are let through one at a time, at even intervals. Safe for use by many threads.
 */
final class CallRateCeiling {
    private final Duration interval;
    private final RateLimiter limiter;

    /**
     * @param perSecond calls per second, above 0
     */
    CallRateCeiling(double perSecond) {
        this.interval = Duration.ofNanos((long) Math.ceil(1e9 / perSecond));
        this.limiter =
                RateLimiter.of(
                        "max-calls-per-second",
                        RateLimiterConfig.custom()
                                .limitForPeriod(1)
                                .limitRefreshPeriod(interval)
                                .timeoutDuration(Duration.ZERO)
                                .build());
    }

    /** Lets a call through if one may be made now; returns whether it did. */
    boolean enter() {
        return limiter.acquirePermission();
    }

    /** Longest time until the next call is let through if no other call takes it. */
    Duration interval() {
        return interval;
    }
}
