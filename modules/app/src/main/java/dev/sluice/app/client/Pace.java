package dev.sluice.app.client;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/** How fast a command publishes. */
public final class Pace {
    private Pace() {}

    /** A limit of so many requests a second, evenly spread. */
    public static RateLimiter of(double perSecond) {
        return RateLimiter.of(
                "pace",
                RateLimiterConfig.custom()
                        .limitForPeriod(1)
                        .limitRefreshPeriod(Duration.ofNanos((long) (1e9 / perSecond)))
                        .timeoutDuration(Duration.ofDays(1))
                        .build());
    }
}
