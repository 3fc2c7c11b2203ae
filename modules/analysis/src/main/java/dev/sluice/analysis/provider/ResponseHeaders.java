package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.transport.HttpReply;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reader of a response's headers: when to retry and what is left of the rate limits. Unreadable
 * values count as absent.
 */
final class ResponseHeaders {
    /** Longest accepted pause; a provider that requests a longer one is called again after this. */
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** Longest accepted reset; some servers send a day in the year 9999 to mean never. */
    private static final Duration LONGEST_RESET = Duration.ofDays(31);

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");

    /** Instants in seconds or milliseconds since 1970. */
    private static final Pattern EPOCH = Pattern.compile("(\\d{10})(\\d{3})?");

    /**
     * Difference up to which two clocks count as equal: dates have whole seconds, and an answer
     * takes time.
     */
    private static final Duration CLOCKS_AGREE = Duration.ofMillis(1_500);

    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

    /** Date formats of RFC 9110: the usual one, and two that are obsolete but still sent. */
    private static final List<DateTimeFormatter> DATES =
            List.of(
                    DateTimeFormatter.RFC_1123_DATE_TIME,
                    zoned("EEEE, dd-MMM-yy HH:mm:ss 'GMT'"),
                    zoned("EEE MMM ppd HH:mm:ss yyyy"));

    private static final List<String> REQUEST_IDS =
            List.of("x-request-id", "request-id", "apim-request-id", "x-litellm-call-id", "cf-ray");

    private final HttpReply.Headers headers;
    private final InstantSource clock;

    ResponseHeaders(HttpReply.Headers headers, InstantSource clock) {
        this.headers = headers;
        this.clock = clock;
    }

    /** The wait the provider requests, given in milliseconds, in seconds, or as a date. */
    Optional<Duration> retryAfter() {
        return value("retry-after-ms")
                .flatMap(text -> ProviderDurations.read(text + "ms"))
                .or(() -> value("retry-after").flatMap(this::spanOrDate))
                .map(ResponseHeaders::bounded);
    }

    /** The wait, at most {@link #LONGEST_PAUSE}. */
    static Duration bounded(Duration wait) {
        return wait.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait;
    }

    /** The provider's id of the request; empty if it sends none. */
    String requestId() {
        return REQUEST_IDS.stream().flatMap(name -> value(name).stream()).findFirst().orElse("");
    }

    /** The deployment's rate limits from OpenAI's or Anthropic's headers. */
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

    /** One limit. A limit of 0, and any value of -1, mean that the provider does not know it. */
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
        Optional<String> text = value(header).filter(found -> NUMBER.matcher(found).matches());
        return text.isPresent()
                ? OptionalLong.of(Long.parseLong(text.get()))
                : OptionalLong.empty();
    }

    private Optional<Duration> spanOrDate(String text) {
        return ProviderDurations.read(text).or(() -> date(text).map(this::until));
    }

    /** Time given as a duration, an instant, or a number of seconds or milliseconds since 1970. */
    private Optional<Duration> span(String text) {
        Matcher epoch = EPOCH.matcher(text);
        if (epoch.matches()) {
            Instant second = Instant.ofEpochSecond(Long.parseLong(epoch.group(1)));
            return Optional.of(until(second));
        }
        return ProviderDurations.read(text)
                .or(() -> instant(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).map(this::until));
    }

    private Duration until(Instant then) {
        Duration wait = Duration.between(now(), then);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    /**
     * The provider's time, if the answer has a date: its instants are by its clock, and the local
     * clock may be wrong.
     */
    private Instant now() {
        Instant own = clock.instant();
        return value("date")
                .flatMap(ResponseHeaders::date)
                .filter(stated -> !agree(own, stated))
                .map(stated -> stated.plus(HALF_A_SECOND))
                .orElse(own);
    }

    private static boolean agree(Instant own, Instant stated) {
        Duration ahead = Duration.between(stated, own);
        return ahead.compareTo(HALF_A_SECOND.negated()) > 0 && ahead.compareTo(CLOCKS_AGREE) < 0;
    }

    private static Optional<Instant> date(String text) {
        return DATES.stream().flatMap(form -> instant(text, form).stream()).findFirst();
    }

    private static Optional<Instant> instant(String text, DateTimeFormatter format) {
        try {
            return Optional.of(ZonedDateTime.parse(text, format).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** A formatter that reads two-digit years as years of this century. */
    private static DateTimeFormatter zoned(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US).withZone(ZoneOffset.UTC);
    }

    private Optional<String> value(String header) {
        return headers.value(header).map(String::strip);
    }
}
