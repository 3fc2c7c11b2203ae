package dev.sluice.simulator;

import java.math.BigDecimal;
import java.time.Duration;

/** Formats durations as Go does: {@code 7.66ms}, {@code 2.59s}, {@code 1m0.5s}. */
final class GoDuration {
    private GoDuration() {}

    static String of(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return plain(BigDecimal.valueOf(duration.toNanos() / 10_000, 2)) + "ms";
        }
        long hours = duration.toHours();
        BigDecimal seconds =
                BigDecimal.valueOf(duration.toSecondsPart())
                        .add(BigDecimal.valueOf(duration.toMillisPart(), 3));
        return (hours > 0 ? hours + "h" : "")
                + (duration.toMinutes() > 0 ? duration.toMinutesPart() + "m" : "")
                + plain(seconds)
                + "s";
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
