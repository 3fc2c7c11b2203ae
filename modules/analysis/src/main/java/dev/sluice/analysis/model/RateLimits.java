package dev.sluice.analysis.model;

import java.time.Duration;
import java.util.Optional;

/**
 * Rate limits reported with an answer; each is present only if the provider reported it.
 *
 * @param tokens input and output tokens together
 */
public record RateLimits(
        Optional<Window> requests,
        Optional<Window> tokens,
        Optional<Window> inputTokens,
        Optional<Window> outputTokens) {
    public static final RateLimits NONE =
            new RateLimits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Reported state of one limit.
     *
     * @param limit units in the provider's window, usually a minute
     * @param remaining units left
     * @param reset time until all units are available again
     */
    public record Window(long limit, long remaining, Optional<Duration> reset) {}
}
