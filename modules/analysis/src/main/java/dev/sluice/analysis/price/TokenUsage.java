package dev.sluice.analysis.price;

import java.util.Optional;

/**
 * Token counts of one or more calls, as counted by the provider.
 *
 * @param input all input tokens, cached and cache-writing ones included
 * @param cachedInput the part of input served from the provider's cache
 * @param cacheWrite the part of input written to the provider's cache
 * @param cacheWriteHour the part of cacheWrite that is kept for an hour, at a separate price
 * @param output all output tokens, reasoning included
 * @param reasoning the part of output spent on reasoning
 */
public record TokenUsage(
        long input,
        long cachedInput,
        long cacheWrite,
        long cacheWriteHour,
        long output,
        long reasoning) {
    public static final TokenUsage NONE = new TokenUsage(0, 0, 0, 0, 0);

    public TokenUsage {
        if (input < 0
                || cachedInput < 0
                || cacheWrite < 0
                || cacheWriteHour < 0
                || output < 0
                || reasoning < 0) {
            throw new IllegalArgumentException("token counts cannot be negative");
        }
    }

    /** Usage without cache writes kept for an hour. */
    public TokenUsage(long input, long cachedInput, long cacheWrite, long output, long reasoning) {
        this(input, cachedInput, cacheWrite, 0, output, reasoning);
    }

    /** The same usage with a part of cacheWrite that is kept for an hour. */
    public TokenUsage withCacheWriteHour(long tokens) {
        return new TokenUsage(input, cachedInput, cacheWrite, tokens, output, reasoning);
    }

    /** The usage a provider counted; empty if its numbers are inconsistent. */
    public static Optional<TokenUsage> counted(
            long input, long cachedInput, long cacheWrite, long output, long reasoning) {
        boolean possible =
                input >= 0 && cachedInput >= 0 && cacheWrite >= 0 && output >= 0 && reasoning >= 0;
        return possible
                ? Optional.of(new TokenUsage(input, cachedInput, cacheWrite, output, reasoning))
                : Optional.empty();
    }

    public TokenUsage plus(TokenUsage other) {
        return new TokenUsage(
                input + other.input,
                cachedInput + other.cachedInput,
                cacheWrite + other.cacheWrite,
                cacheWriteHour + other.cacheWriteHour,
                output + other.output,
                reasoning + other.reasoning);
    }
}
