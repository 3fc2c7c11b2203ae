package dev.sluice.evals.report;

import dev.sluice.evals.stats.Comparison;
import dev.sluice.evals.stats.PassRate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as people read them. */
public final class Numbers {
    private static final String NONE = "–";

    private Numbers() {}

    /** A share, such as {@code 93.3 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** A share, or a dash. */
    public static String percent(OptionalDouble share) {
        return share.isPresent() ? percent(share.getAsDouble()) : NONE;
    }

    /** An interval, such as {@code 70 – 98 %}. */
    public static String interval(PassRate rate) {
        return String.format(Locale.ROOT, "%.0f – %.0f %%", 100 * rate.low(), 100 * rate.high());
    }

    /** A time, or a dash. */
    public static String seconds(OptionalDouble seconds) {
        return seconds.isPresent()
                ? String.format(Locale.ROOT, "%.2f s", seconds.getAsDouble())
                : NONE;
    }

    /** An amount with six decimals, rounded up. */
    public static String usd(BigDecimal amount) {
        return amount.setScale(6, RoundingMode.UP).toPlainString();
    }

    /** A difference of rates, such as {@code +3.3 points}. */
    public static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f points", 100 * difference);
    }

    /** How probable a result is by chance, such as {@code 4.2 %}. */
    public static String chance(double probability) {
        return probability < 0.001 ? "less than 0.1 %" : percent(probability);
    }

    /**
     * The verdict in words, with how probable it is by chance.
     *
     * @param comparisons how many are made at the same time
     */
    public static String verdict(Comparison comparison, int comparisons) {
        return switch (comparison.verdict(comparisons)) {
            case BETTER -> "better (" + chance(comparison.pBetter()) + " by chance)";
            case WORSE -> "worse (" + chance(comparison.pWorse()) + " by chance)";
            case CANNOT_TELL -> "cannot tell";
        };
    }
}
