package dev.sluice.analysis.quota;

import java.util.HashMap;
import java.util.Map;

/**
 * How many input tokens a call will have, from how many its like had: counting them exactly costs
 * more than a call may. Not safe for use by several threads.
 */
final class InputEstimate {
    /** English and HTML have four bytes to a token; somewhat more is assumed before it is known. */
    private static final double FIRST = 0.35;

    private static final double WEIGHT = 0.05;

    private final Map<String, Double> tokensPerByte = new HashMap<>();

    long tokens(String analysis, long bytes) {
        return (long) Math.ceil(bytes * tokensPerByte.getOrDefault(analysis, FIRST));
    }

    /** A call of so many bytes had so many input tokens. */
    void learn(String analysis, long bytes, long tokens) {
        if (bytes > 0 && tokens > 0) {
            double seen = (double) tokens / bytes;
            tokensPerByte.merge(
                    analysis, seen, (known, latest) -> known + WEIGHT * (latest - known));
        }
    }
}
