package dev.sluice.analysis.provider;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parser of durations as providers write them: {@code 6m0s}, {@code 7.66ms}, {@code 60} (seconds).
 */
final class ProviderDurations {
    private static final Map<String, BigDecimal> NANOS =
            Map.of(
                    "d", new BigDecimal("86400e9"),
                    "h", new BigDecimal("3600e9"),
                    "m", new BigDecimal("60e9"),
                    "s", new BigDecimal("1e9"),
                    "ms", new BigDecimal("1e6"),
                    "us", new BigDecimal("1e3"),
                    "\u00b5s", new BigDecimal("1e3"),
                    "\u03bcs", new BigDecimal("1e3"),
                    "ns", BigDecimal.ONE);

    private static final String NUMBER = "\\d{1,12}(?:\\.\\d{1,18})?";
    private static final Pattern PART =
            Pattern.compile("(" + NUMBER + ")(ms|us|\u00b5s|\u03bcs|ns|d|h|m|s)");
    private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + ")+");
    private static final Pattern SECONDS = Pattern.compile(NUMBER);

    private static final Pattern IN_WORDS =
            Pattern.compile(
                    "(?:try again|retry) (?:in|after) (?:about )?("
                            + NUMBER
                            + "[a-z0-9.]{0,40})(?: (second|millisecond|minute|hour)s?)?");

    private static final Map<String, String> UNITS =
            Map.of("second", "s", "millisecond", "ms", "minute", "m", "hour", "h");

    private ProviderDurations() {}

    /** A duration with units, or a plain number of seconds; empty if the text is neither. */
    static Optional<Duration> read(String text) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(nanos(new BigDecimal(text).movePointRight(9)));
        }
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(NANOS.get(part.group(2))));
        }
        return Optional.of(nanos(nanos));
    }

    /** The duration in a sentence such as {@code Please try again in 2.59s.} */
    static Optional<Duration> inWords(String message) {
        Matcher words = IN_WORDS.matcher(message.toLowerCase(Locale.ROOT));
        if (!words.find()) {
            return Optional.empty();
        }
        String span = words.group(1).replaceAll("\\.+$", "");
        if (words.group(2) != null) {
            return read(span + UNITS.get(words.group(2)));
        }
        // Without a unit it may be a date or an instant.
        boolean isDate = message.startsWith("-", words.end(1));
        return isDate || span.matches("\\d{5,}") ? Optional.empty() : read(span);
    }

    /** Converts nanoseconds; at most about 292 years. */
    private static Duration nanos(BigDecimal nanos) {
        BigDecimal most = BigDecimal.valueOf(Long.MAX_VALUE);
        return Duration.ofNanos(nanos.min(most).setScale(0, RoundingMode.UP).longValue());
    }
}
