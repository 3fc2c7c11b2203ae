package dev.sluice.runtime.outcome;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * What comes from outside, cut to what records hold: so nothing that a provider says can make a
 * record that cannot be written.
 */
final class FieldLimits {
    private FieldLimits() {}

    /** An amount that is at most {@link Cost#MOST}. */
    static BigDecimal usd(BigDecimal amount) {
        return amount.min(Cost.MOST.usd());
    }

    /** The sum, or the largest number there is. */
    static long sum(long one, long other) {
        long sum = one + other;
        boolean overflows = one >= 0 && other >= 0 && sum < 0;
        return overflows ? Long.MAX_VALUE : sum;
    }

    /** At least none and at most all there are. */
    static long millis(Duration time) {
        Duration longest = Duration.ofMillis(Long.MAX_VALUE);
        if (time.isNegative()) {
            return 0;
        }
        return time.compareTo(longest) < 0 ? time.toMillis() : Long.MAX_VALUE;
    }

    /** The beginning of a text, of so many characters at most. */
    static String text(CharSequence text, int mostCharacters) {
        if (text.length() <= mostCharacters) {
            return text.toString();
        }
        boolean splits = Character.isHighSurrogate(text.charAt(mostCharacters - 1));
        return text.subSequence(0, splits ? mostCharacters - 1 : mostCharacters).toString();
    }
}
