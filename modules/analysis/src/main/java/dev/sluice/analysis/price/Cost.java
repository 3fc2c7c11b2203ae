package dev.sluice.analysis.price;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** An amount of money, USD with nine decimals. Never floating point. */
public record Cost(BigDecimal usd) implements Comparable<Cost> {
    public static final int SCALE = 9;
    public static final Cost ZERO = new Cost(BigDecimal.ZERO);

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /** Rounds up to nine decimals: what is booked is never below what is billed. */
    public Cost {
        usd = usd.setScale(SCALE, RoundingMode.UP);
    }

    /** Cost of a number of tokens at a price per million. */
    public static Cost ofTokens(long tokens, BigDecimal perMillion) {
        return new Cost(
                perMillion
                        .multiply(BigDecimal.valueOf(tokens))
                        .divide(MILLION, SCALE, RoundingMode.UP));
    }

    public Cost plus(Cost other) {
        return new Cost(usd.add(other.usd));
    }

    public Cost minus(Cost other) {
        return new Cost(usd.subtract(other.usd));
    }

    public Cost times(int count) {
        return new Cost(usd.multiply(BigDecimal.valueOf(count)));
    }

    @Override
    public int compareTo(Cost other) {
        return usd.compareTo(other.usd);
    }

    @Override
    public String toString() {
        return usd.toPlainString();
    }
}
