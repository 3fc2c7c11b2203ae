package dev.sluice.analysis.price;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amount of money in USD with nine decimals, without floating point. */
public record Cost(BigDecimal usd) implements Comparable<Cost> {
    public static final int SCALE = 9;
    public static final Cost ZERO = new Cost(BigDecimal.ZERO);

    /** The largest amount that the Kafka records can hold. */
    public static final Cost MOST = new Cost(new BigDecimal("999999999.999999999"));

    /** Rounds up to nine decimals, so that the booked cost is never below the billed one. */
    public Cost {
        usd = usd.setScale(SCALE, RoundingMode.UP);
    }

    /** Cost from millionths of a USD: tokens times their price per million. */
    public static Cost ofMillionths(BigDecimal millionths) {
        return new Cost(millionths.movePointLeft(6));
    }

    /** Cost from billionths of a USD. */
    public static Cost ofBillionths(long billionths) {
        return new Cost(BigDecimal.valueOf(billionths, SCALE));
    }

    /**
     * The amount in billionths of a USD.
     *
     * @throws ArithmeticException if it does not fit into a {@code long}
     */
    public long billionths() {
        return usd.unscaledValue().longValueExact();
    }

    public Cost plus(Cost other) {
        return new Cost(usd.add(other.usd));
    }

    public Cost minus(Cost other) {
        return new Cost(usd.subtract(other.usd));
    }

    /** The smaller one. */
    public Cost min(Cost other) {
        return compareTo(other) <= 0 ? this : other;
    }

    /** The larger one. */
    public Cost max(Cost other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** The amount divided by {@code parts}, rounded down. */
    public Cost part(int parts) {
        return new Cost(usd.divide(BigDecimal.valueOf(parts), SCALE, RoundingMode.FLOOR));
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
