package dev.sluice.simulator;

import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Faults with status 429, with the various forms of the time to wait. */
final class ThrottlingFaults {
    private static final DateTimeFormatter IMF =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);
    private static final DateTimeFormatter RFC_850 =
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.ROOT);
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);
    private static final InstantSource CLOCK = InstantSource.system();

    static final Fault.Group GROUP =
            new Fault.Group(
                    "429, and when to come back (not charged)",
                    List.of(
                            new Fault(
                                    "throttled-no-retry-after",
                                    "429 that does not say when to come back",
                                    Deviation.turnsAway(plain())),
                            retryAfter("retry-after-3s", "3s"),
                            retryAfter("retry-after-2.5s", "2.5s"),
                            retryAfter("retry-after-2.5", "2.5"),
                            retryAfterDate(
                                    "retry-after-date", IMF, "Sun, 06 Nov 1994 08:49:37 GMT"),
                            retryAfterDate(
                                    "retry-after-rfc850",
                                    RFC_850,
                                    "Sunday, 06-Nov-94 08:49:37 GMT"),
                            retryAfterDate(
                                    "retry-after-asctime", ASCTIME, "Sun Nov  6 08:49:37 1994"),
                            throttled(
                                    "retry-after-ms",
                                    "429 with retry-after-ms: 1500 and no Retry-After",
                                    plain(),
                                    Map.of("retry-after-ms", "1500")),
                            throttled(
                                    "retry-delay",
                                    "429 with Google's retryDelay of 2.59s in its body",
                                    ServerErrors.google(Duration.ofMillis(2_590)),
                                    Map.of()),
                            throttled(
                                    "try-again-in",
                                    "429 that says 'Please try again in 2.59s' in its text",
                                    ErrorShape.OPENAI.answer(
                                            429,
                                            "tokens",
                                            "rate_limit_exceeded",
                                            ServerErrors.TOKENS_PER_MINUTE.formatted("2.59s")),
                                    Map.of()),
                            throttled(
                                    "try-again-in-ms",
                                    "429 that says 'Please try again in 820ms' in its text",
                                    ErrorShape.OPENAI.answer(
                                            429,
                                            "tokens",
                                            "rate_limit_exceeded",
                                            ServerErrors.TOKENS_PER_MINUTE.formatted("820ms")),
                                    Map.of()),
                            reset("7.66ms"),
                            reset("60"),
                            reset("1m0.5s")));

    private ThrottlingFaults() {}

    private static ChatAnswer plain() {
        return ErrorShape.OPENAI.answer(
                429, "requests", "rate_limit_exceeded", "Rate limit reached for requests");
    }

    private static Fault throttled(
            String label, String description, ChatAnswer answer, Map<String, String> headers) {
        return new Fault(label, description, Deviation.turnsAway(answer.with(headers)));
    }

    private static Fault retryAfter(String label, String value) {
        return throttled(
                label, "429 with Retry-After: " + value, plain(), Map.of("retry-after", value));
    }

    /** Two seconds from now, in one of the date forms that HTTP allows. */
    private static Fault retryAfterDate(String label, DateTimeFormatter form, String example) {
        return new Fault(
                label,
                "429 with Retry-After as a date of the form " + example,
                Deviation.turnsAway((dialect, server, request) ->
                        plain().with(
                                        Map.of(
                                                "retry-after",
                                                CLOCK.instant()
                                                        .plusSeconds(2)
                                                        .atOffset(ZoneOffset.UTC)
                                                        .format(form)))));
    }

    /** An answer with a request limit whose reset has an unusual form. */
    private static Fault reset(String value) {
        return new Fault(
                "reset-" + value,
                "an answer whose x-ratelimit-reset-requests is " + value,
                Deviation.headers(
                        Map.of(
                                "x-ratelimit-limit-requests",
                                "1000",
                                "x-ratelimit-remaining-requests",
                                "999",
                                "x-ratelimit-reset-requests",
                                value)));
    }
}
