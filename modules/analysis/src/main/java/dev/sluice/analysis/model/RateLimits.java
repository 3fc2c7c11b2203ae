package dev.sluice.analysis.model;

import java.time.Duration;
import java.util.Optional;

/**
 * What a provider said of its rate limits with an answer; each part is there only if it was said.
 *
 * @param tokens of input and output together
 */
public record RateLimits(
        Optional<Window> requests,
        Optional<Window> tokens,
        Optional<Window> inputTokens,
        Optional<Window> outputTokens) {
    public static final RateLimits NONE =
            new RateLimits(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * One limit.
     *
     * @param limit the most in the provider's window, usually a minute
     * @param remaining what is left of it
     * @param reset time until all of it is there again
     */
    public record Window(long limit, long remaining, Optional<Duration> reset) {}
}
