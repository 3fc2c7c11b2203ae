package dev.sluice.simulator;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the provider limits tokens.
 *
 * @param tokensPerMinute the limit; a request is charged its prompt and its output limit
 * @param kind how they are counted
 * @param span how much of the limit a bucket holds, or how long a window lasts
 * @param settles whether what a request did not use is given back with its answer
 */
public record QuotaPolicy(long tokensPerMinute, Kind kind, Duration span, boolean settles) {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,12}):(bucket|window):(\\d{1,4})s(:settles)?");

    /** How tokens are counted. */
    public enum Kind {
        /** They flow in steadily. */
        BUCKET,
        /** All of them are there at the start of each window. */
        WINDOW
    }

    /**
     * Reads {@code 10000000:bucket:60s:settles}.
     *
     * @throws IllegalArgumentException if it says something else
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

    /** The most that can be there at once. */
    double capacity() {
        return tokensPerMinute / 60e9 * span.toNanos();
    }
}
