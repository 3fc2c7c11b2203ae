package dev.sluice.simulator;

import dev.sluice.simulator.Dialect.Ending;

/**
 * The model's reply before its tokens are counted.
 *
 * @param reasoningTokens reasoning tokens that are not in the text
 * @param tier the tier that is charged and reported
 */
record Draft(String text, Ending ending, int reasoningTokens, CacheUse cache, Tier tier) {
    /** How the provider's cache affects the input: half of it, or none. */
    enum CacheUse {
        NONE,
        READ,
        WRITE,
        HOUR_WRITE
    }

    Draft saying(String newText) {
        return new Draft(newText, ending, reasoningTokens, cache, tier);
    }

    Draft ending(Ending newEnding) {
        return new Draft(text, newEnding, reasoningTokens, cache, tier);
    }

    Draft reasoning(int tokens) {
        return new Draft(text, ending, tokens, cache, tier);
    }

    Draft caching(CacheUse newCache) {
        return new Draft(text, ending, reasoningTokens, newCache, tier);
    }

    Draft at(Tier newTier) {
        return new Draft(text, ending, reasoningTokens, cache, newTier);
    }

    /** The token counts of this reply. */
    Tokens tokens(long input, long textTokens, long maxOutput) {
        long output = Math.min(textTokens + reasoningTokens, maxOutput);
        long half = input / 2;
        return new Tokens(
                input,
                cache == CacheUse.READ ? half : 0,
                cache == CacheUse.WRITE ? half : 0,
                cache == CacheUse.HOUR_WRITE ? half : 0,
                output,
                Math.max(0, Math.min(reasoningTokens, output - 1)));
    }
}
