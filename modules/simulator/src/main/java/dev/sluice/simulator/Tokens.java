package dev.sluice.simulator;

/**
 * Tokens that one call is charged.
 *
 * @param input all input tokens, cached and cache-writing ones included
 * @param cachedInput the part of input that was read from the cache
 * @param cacheWrite the part of input that was written to the cache for five minutes
 * @param hourCacheWrite the part of input that was written to the cache for an hour
 * @param output all output tokens, reasoning included
 * @param reasoning the part of output spent on reasoning
 */
record Tokens(
        long input,
        long cachedInput,
        long cacheWrite,
        long hourCacheWrite,
        long output,
        long reasoning) {
    /** Input tokens that were neither read from nor written to the cache. */
    long plainInput() {
        return input - cachedInput - cacheWrite - hourCacheWrite;
    }
}
