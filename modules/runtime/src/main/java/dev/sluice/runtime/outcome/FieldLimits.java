package dev.sluice.runtime.outcome;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * Limits values from outside to what record fields can hold, so that no answer of a provider makes
 * a record that cannot be written.
 */
final class FieldLimits {
    private FieldLimits() {}

    /** The amount, at most {@link Cost#MOST}. */
    static BigDecimal usd(BigDecimal amount) {
        return amount.min(Cost.MOST.usd());
    }

    /** The sum, at most {@link Long#MAX_VALUE}. */
    static long sum(long one, long other) {
        long sum = one + other;
        boolean overflows = one >= 0 && other >= 0 && sum < 0;
        return overflows ? Long.MAX_VALUE : sum;
    }

    /** The time in milliseconds, from 0 to {@link Long#MAX_VALUE}. */
    static long millis(Duration time) {
        Duration longest = Duration.ofMillis(Long.MAX_VALUE);
        if (time.isNegative()) {
            return 0;
        }
        return time.compareTo(longest) < 0 ? time.toMillis() : Long.MAX_VALUE;
    }

    /**
     * The beginning of a text; a surrogate pair is not split.
     *
     * @param mostCharacters largest length of the result
     */
    static String text(CharSequence text, int mostCharacters) {
        if (text.length() <= mostCharacters) {
            return text.toString();
        }
        boolean splits = Character.isHighSurrogate(text.charAt(mostCharacters - 1));
        return text.subSequence(0, splits ? mostCharacters - 1 : mostCharacters).toString();
    }
}
