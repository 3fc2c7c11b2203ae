package dev.sluice.analysis.check;

import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;

/** Integers of JSON Schema, which {@code 5.0} and {@code 5e0} are too. */
public final class WholeNumber {
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal SMALLEST = BigDecimal.valueOf(Long.MIN_VALUE);

    private WholeNumber() {}

    /**
     * The integer, or the nearest that 64 bits hold: bounds are judged as doubles, so one beside
     * the edge may pass.
     */
    public static long of(JsonNode number) {
        return number.decimalValue().min(LARGEST).max(SMALLEST).longValue();
    }
}
