package dev.sluice.analysis.guard;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/**
 * A hard ceiling on the calls per second of one worker to one deployment, whatever its quota has
 * learned: a fuse. Calls go one at a time, evenly. Safe for use by many threads.
 */
final class CallRateCeiling {
    private final Duration interval;
    private final RateLimiter limiter;

    /**
     * @param perSecond above 0
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

    /** Whether a call may go now. */
    boolean enter() {
        return limiter.acquirePermission();
    }

    /** Time after which the next may at the latest, if nobody else does. */
    Duration interval() {
        return interval;
    }
}
