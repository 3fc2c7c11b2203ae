package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.util.Locale;
import java.util.Optional;

/** What a provider limits per minute. */
public enum Limit {
    REQUESTS,
    /** Of input and output together. */
    TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS;

    /** The name used in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What the provider said of it. */
    public Optional<RateLimits.Window> said(RateLimits limits) {
        return switch (this) {
            case REQUESTS -> limits.requests();
            case TOKENS -> limits.tokens();
            case INPUT_TOKENS -> limits.inputTokens();
            case OUTPUT_TOKENS -> limits.outputTokens();
        };
    }

    /** What a call may use of it, as a provider estimates it. */
    public double reserved(long inputTokens, long maxOutputTokens) {
        return switch (this) {
            case REQUESTS -> 1;
            case TOKENS -> inputTokens + maxOutputTokens;
            case INPUT_TOKENS -> inputTokens;
            case OUTPUT_TOKENS -> maxOutputTokens;
        };
    }

    /** What a call used of it. */
    public double used(TokenUsage usage) {
        return switch (this) {
            case REQUESTS -> 1;
            case TOKENS -> usage.input() + usage.output();
            case INPUT_TOKENS -> usage.input();
            case OUTPUT_TOKENS -> usage.output();
        };
    }
}
