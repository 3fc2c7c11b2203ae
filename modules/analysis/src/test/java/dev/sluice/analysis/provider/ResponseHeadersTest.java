package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseHeadersTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "1.5, PT1.5S",
        "-1, ",
        "soon, ",
        "3s, PT3S",
        "2.5s, PT2.5S",
        "1m30s, PT1M30S",
        "'Fri, 27 Nov 2026 12:00:07 GMT', PT7S",
        "'Friday, 27-Nov-26 12:00:07 GMT', PT7S",
        "'Fri Nov 27 12:00:07 2026', PT7S",
        "'Tue Dec  1 12:00:00 2026', PT10M",
        "'Fri, 27 Nov 2020 12:00:07 GMT', PT0S",
        "'Fri, 31 Dec 9999 23:59:59 GMT', PT10M",
        "999999999, PT10M",
    })
    void retryAfterIsReadAndBounded(String text, Duration wait) {
        assertThat(headers(Map.of("retry-after", text)).retryAfter())
                .isEqualTo(Optional.ofNullable(wait));
    }

    @ParameterizedTest
    @CsvSource({
        "6m0s, PT6M",
        "1h2m3.5s, PT1H2M3.5S",
        "20ms, PT0.02S",
        "7.66ms, PT0.00766S",
        "60, PT1M",
        "0, PT0S",
        "1m0.5s, PT1M0.5S",
        "1d2h, PT26H",
        "250us, PT0.00025S",
        "1795780860, PT1M",
        "1795780860000, PT1M",
        "2026-11-27T12:01:00Z, PT1M",
        "2026-11-27T13:01:00+02:00, PT0S",
        "9999-12-31T23:59:59Z, ",
        "999999h, ",
        "never, ",
    })
    void resetIsReadOrIgnored(String text, Duration reset) {
        assertThat(window("500", "499", text))
                .contains(new RateLimits.Window(500, 499, Optional.ofNullable(reset)));
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "0, 0", "500, -1", "500, many", "99999999999999999999, 1"})
    void unknownLimitsAreIgnored(String limit, String remaining) {
        assertThat(window(limit, remaining, "1s")).isEmpty();
    }

    /** The provider's instants are by its own clock, which the date header shows. */
    @Property(tries = 300)
    void wrongLocalClockChangesNothing(
            @ForAll @LongRange(min = -200_000, max = 200_000) long wrongBy,
            @ForAll @LongRange(min = 5, max = 500) long seconds,
            @ForAll @LongRange(max = 999) long millis) {
        Instant truly = NOW.plusMillis(millis);
        Instant then = NOW.plusSeconds(seconds);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(NOW.atOffset(ZoneOffset.UTC));
        Map<String, String> said =
                Map.of(
                        "date",
                        date,
                        "retry-after",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(then.atOffset(ZoneOffset.UTC)),
                        "anthropic-ratelimit-tokens-limit",
                        "1000",
                        "anthropic-ratelimit-tokens-remaining",
                        "10",
                        "anthropic-ratelimit-tokens-reset",
                        then.toString());
        ResponseHeaders headers =
                new ResponseHeaders(
                        name -> Optional.ofNullable(said.get(name.toLowerCase(Locale.ROOT))),
                        () -> truly.plusSeconds(wrongBy));

        Duration least = Duration.ofSeconds(seconds).minusMillis(1_500);
        Duration most = Duration.ofSeconds(seconds).plusMillis(500);
        assertThat(headers.retryAfter().orElseThrow()).isBetween(least, most);
        assertThat(headers.rateLimits().tokens().orElseThrow().reset().orElseThrow())
                .isBetween(least, most);
    }

    @Test
    void noHeadersMeanNoLimits() {
        assertThat(headers(Map.of()).rateLimits()).isEqualTo(RateLimits.NONE);
    }

    private static Optional<RateLimits.Window> window(
            String limit, String remaining, String reset) {
        return headers(
                        Map.of(
                                "x-ratelimit-limit-tokens", limit,
                                "x-ratelimit-remaining-tokens", remaining,
                                "x-ratelimit-reset-tokens", reset))
                .rateLimits()
                .tokens();
    }

    private static ResponseHeaders headers(Map<String, String> said) {
        return new ResponseHeaders(
                name -> Optional.ofNullable(said.get(name.toLowerCase(Locale.ROOT))), () -> NOW);
    }
}
