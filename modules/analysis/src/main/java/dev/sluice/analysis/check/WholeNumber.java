package dev.sluice.analysis.check;

import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;

/** Conversion of JSON Schema integers, which include {@code 5.0} and {@code 5e0}. */
public final class WholeNumber {
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal SMALLEST = BigDecimal.valueOf(Long.MIN_VALUE);

    private WholeNumber() {}

    /**
     * The integer, or the nearest one of 64 bits: bounds are validated as doubles, so a value just
     * beyond the range may pass.
     */
    public static long of(JsonNode number) {
        return number.decimalValue().min(LARGEST).max(SMALLEST).longValue();
    }
}
