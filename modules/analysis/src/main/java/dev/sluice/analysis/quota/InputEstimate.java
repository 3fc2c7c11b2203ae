package dev.sluice.analysis.quota;

import java.util.HashMap;
import java.util.Map;

/**
 * Estimate of a call's input tokens from its size in bytes, learned for each analysis. Counting
 * tokens exactly would cost more than a call may.
 *
 * <p>{@code tokens = ceil(bytes * tokensPerByte)}. The first answer of an analysis sets {@code
 * tokensPerByte}; each later one moves it by 5 % of the difference. Example: the first call of
 * 10,000 bytes is estimated at 3,500 tokens (0.35 per byte). It had 2,500, so the ratio is 0.25. A
 * next call of the same size has 3,000: the ratio becomes 0.25 + 0.05 * (0.30 - 0.25) = 0.2525.
 *
 * <p>Not safe for use by several threads.
 */
final class InputEstimate {
    /**
     * Tokens per byte before the first answer. English and HTML have about 0.25; this is cautious.
     */
    private static final double FIRST = 0.35;

    /** Weight of each further answer in the moving average. */
    private static final double WEIGHT = 0.05;

    private final Map<String, Double> tokensPerByte = new HashMap<>();

    long tokens(String analysis, long bytes) {
        return (long) Math.ceil(bytes * tokensPerByte.getOrDefault(analysis, FIRST));
    }

    /** Learns from a call of {@code bytes} that had {@code tokens} input tokens. */
    void learn(String analysis, long bytes, long tokens) {
        if (bytes > 0 && tokens > 0) {
            double seen = (double) tokens / bytes;
            tokensPerByte.merge(
                    analysis, seen, (known, latest) -> known + WEIGHT * (latest - known));
        }
    }
}
