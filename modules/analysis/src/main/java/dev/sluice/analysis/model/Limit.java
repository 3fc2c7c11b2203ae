package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.util.Locale;
import java.util.Optional;

/** Kind of rate limit of a provider, each counted per minute. */
public enum Limit {
    REQUESTS,
    /** Input and output tokens together. */
    TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS;

    /** The name used in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The reported state of this limit. */
    public Optional<RateLimits.Window> said(RateLimits limits) {
        return switch (this) {
            case REQUESTS -> limits.requests();
            case TOKENS -> limits.tokens();
            case INPUT_TOKENS -> limits.inputTokens();
            case OUTPUT_TOKENS -> limits.outputTokens();
        };
    }

    /** Units of this limit that a provider estimates for a call. */
    public double reserved(long inputTokens, long maxOutputTokens) {
        return switch (this) {
            case REQUESTS -> 1;
            case TOKENS -> inputTokens + maxOutputTokens;
            case INPUT_TOKENS -> inputTokens;
            case OUTPUT_TOKENS -> maxOutputTokens;
        };
    }

    /** Units of this limit that a call used. */
    public double used(TokenUsage usage) {
        return switch (this) {
            case REQUESTS -> 1;
            case TOKENS -> usage.input() + usage.output();
            case INPUT_TOKENS -> usage.input();
            case OUTPUT_TOKENS -> usage.output();
        };
    }
}
