package dev.sluice.simulator;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The provider's rule for its token limit.
 *
 * @param tokensPerMinute the limit; a request takes its prompt and its output limit
 * @param kind how tokens are counted
 * @param span how much of the limit a bucket holds, or the length of a window
 * @param settles whether unused tokens are returned with the answer
 */
public record QuotaPolicy(long tokensPerMinute, Kind kind, Duration span, boolean settles) {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,12}):(bucket|window):(\\d{1,4})s(:settles)?");

    /** The ways of counting tokens. */
    public enum Kind {
        /** Tokens are refilled continuously. */
        BUCKET,
        /** The whole limit is available at the start of each window. */
        WINDOW
    }

    /**
     * Parses {@code 10000000:bucket:60s:settles}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static QuotaPolicy parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "a quota is tokens per minute, bucket or window, and seconds, as in"
                            + " 10000000:bucket:60s:settles or 10000000:window:10s; was '"
                            + text
                            + "'");
        }
        return new QuotaPolicy(
                Long.parseLong(form.group(1)),
                Kind.valueOf(form.group(2).toUpperCase(Locale.ROOT)),
                Duration.ofSeconds(Long.parseLong(form.group(3))),
                form.group(4) != null);
    }

    /** The most tokens that can be available at once. */
    double capacity() {
        return tokensPerMinute / 60e9 * span.toNanos();
    }
}
