package dev.sluice.analysis.model;

import dev.sluice.analysis.transport.HttpReply;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what providers say in the headers of a response about when to come back and how much is
 * left. What cannot be read counts as not said.
 */
final class ResponseHeaders {
    /** A provider that asks for more is asked again after this. */
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** No limit is counted over more; some servers name a day in the year 9999 for never. */
    private static final Duration LONGEST_RESET = Duration.ofDays(31);

    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    /** OpenAI's durations: 6m0s, 1h2m3.5s, 20ms. */
    private static final Pattern SPAN =
            Pattern.compile(
                    "(?:(\\d{1,6})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,6}(?:\\.\\d{1,9})?)s)?"
                            + "(?:(\\d{1,9})ms)?");

    private final HttpReply.Headers headers;
    private final InstantSource clock;

    ResponseHeaders(HttpReply.Headers headers, InstantSource clock) {
        this.headers = headers;
        this.clock = clock;
    }

    /** How long the provider asks to wait: in milliseconds, in seconds, or until a date. */
    Optional<Duration> retryAfter() {
        return value("retry-after-ms")
                .filter(text -> SECONDS.matcher(text).matches())
                .map(text -> seconds(new BigDecimal(text).movePointLeft(3)))
                .or(() -> value("retry-after").flatMap(this::secondsOrDate))
                .map(wait -> wait.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait);
    }

    /** The rate limits of the deployment, of OpenAI's or of Anthropic's headers. */
    RateLimits rateLimits() {
        return new RateLimits(
                window(
                                "x-ratelimit-limit-requests",
                                "x-ratelimit-remaining-requests",
                                "x-ratelimit-reset-requests")
                        .or(() -> anthropicWindow("requests")),
                window(
                                "x-ratelimit-limit-tokens",
                                "x-ratelimit-remaining-tokens",
                                "x-ratelimit-reset-tokens")
                        .or(() -> anthropicWindow("tokens")),
                anthropicWindow("input-tokens"),
                anthropicWindow("output-tokens"));
    }

    private Optional<RateLimits.Window> anthropicWindow(String kind) {
        String prefix = "anthropic-ratelimit-" + kind;
        return window(prefix + "-limit", prefix + "-remaining", prefix + "-reset");
    }

    /** A limit of 0 and anything of -1 mean that the provider does not know. */
    private Optional<RateLimits.Window> window(String limit, String remaining, String reset) {
        OptionalLong allowed = number(limit);
        OptionalLong left = number(remaining);
        boolean known = allowed.orElse(0) > 0 && left.orElse(-1) >= 0;
        return known
                ? Optional.of(
                        new RateLimits.Window(
                                allowed.getAsLong(),
                                left.getAsLong(),
                                value(reset)
                                        .flatMap(this::span)
                                        .filter(span -> span.compareTo(LONGEST_RESET) <= 0)))
                : Optional.empty();
    }

    private OptionalLong number(String header) {
        Optional<String> text = value(header).filter(found -> found.matches("-?\\d{1,18}"));
        return text.isPresent()
                ? OptionalLong.of(Long.parseLong(text.get()))
                : OptionalLong.empty();
    }

    private Optional<Duration> secondsOrDate(String text) {
        return SECONDS.matcher(text).matches()
                ? Optional.of(seconds(new BigDecimal(text)))
                : until(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    private Optional<Duration> span(String text) {
        Matcher span = SPAN.matcher(text);
        if (text.isEmpty() || !span.matches()) {
            return until(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        }
        return Optional.of(
                Duration.ofHours(whole(span.group(1)))
                        .plusMinutes(whole(span.group(2)))
                        .plus(
                                span.group(3) == null
                                        ? Duration.ZERO
                                        : seconds(new BigDecimal(span.group(3))))
                        .plusMillis(whole(span.group(4))));
    }

    private Optional<Duration> until(String text, DateTimeFormatter format) {
        try {
            Instant then = ZonedDateTime.parse(text, format).toInstant();
            Duration wait = Duration.between(clock.instant(), then);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private Optional<String> value(String header) {
        return headers.value(header).map(String::strip);
    }

    private static Duration seconds(BigDecimal seconds) {
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
    }

    private static long whole(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
