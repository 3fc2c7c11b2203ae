package dev.sluice.analysis.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
        "'Fri, 27 Nov 2026 12:00:07 GMT', PT7S",
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
        "2026-11-27T12:01:00Z, PT1M",
        "2026-11-27T13:01:00+02:00, PT0S",
        "9999-12-31T23:59:59Z, ",
        "999999h, ",
        "never, ",
    })
    void resetIsReadOrCountsAsNotSaid(String text, Duration reset) {
        assertThat(window("500", "499", text))
                .contains(new RateLimits.Window(500, 499, Optional.ofNullable(reset)));
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "0, 0", "500, -1", "500, many", "99999999999999999999, 1"})
    void whatAProviderDoesNotKnowItHasNotSaid(String limit, String remaining) {
        assertThat(window(limit, remaining, "1s")).isEmpty();
    }

    @Test
    void nothingIsSaidWhereThereAreNoHeaders() {
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
