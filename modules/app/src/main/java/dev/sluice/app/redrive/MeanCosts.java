package dev.sluice.app.redrive;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Mean costs by analysis. */
final class MeanCosts {
    private static final int SCALE = 9;

    private final Map<String, Sum> sums = new HashMap<>();

    private record Sum(BigDecimal usd, long count) {
        Sum plus(Sum other) {
            return new Sum(usd.add(other.usd), count + other.count);
        }
    }

    /** Adds so many things that cost this together; what cost nothing tells nothing. */
    void add(String analysis, BigDecimal usd, long count) {
        if (usd.signum() > 0 && count > 0) {
            sums.merge(analysis, new Sum(usd, count), Sum::plus);
        }
    }

    /** The mean in USD; empty if nothing of the analysis was added. */
    Optional<BigDecimal> of(String analysis) {
        return Optional.ofNullable(sums.get(analysis))
                .map(sum ->
                        sum.usd.divide(BigDecimal.valueOf(sum.count), SCALE, RoundingMode.HALF_UP));
    }
}
