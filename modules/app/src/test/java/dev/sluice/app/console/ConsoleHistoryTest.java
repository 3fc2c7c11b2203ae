package dev.sluice.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ConsoleHistoryTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final SluiceMetrics metrics = new SluiceMetrics(meters);
    private final ConsoleHistory history = new ConsoleHistory(meters);

    @Test
    void pointsAreRatesSinceThePointBefore() {
        outcomes("RESULT", "NONE", 3);
        history.sample(START);
        outcomes("RESULT", "NONE", 10);
        outcomes("FAILED", "INVALID_OUTPUT", 5);
        metrics.add(Metric.SPEND, 0.5, "seo", "gpt", "confirmed");
        metrics.add(Metric.SPEND, 0.25, "seo", "gpt", "unconfirmed");
        history.sample(START.plusSeconds(5));

        assertThat(history.json()).hasSize(1);
        JsonNode point = history.json().get(0);
        assertThat(point.get("at").asLong()).isEqualTo(START.plusSeconds(5).toEpochMilli());
        assertThat(point.get("results").asDouble()).isEqualTo(2);
        assertThat(point.get("deadLetters").asDouble()).isEqualTo(1);
        assertThat(point.get("usd").asDouble()).isEqualTo(9);
        assertThat(point.get("p50").isNull()).isTrue();
    }

    @Test
    void quantilesAreThoseOfTheLastMinute() {
        ended(Duration.ofSeconds(100), 50);
        history.sample(START);
        ended(Duration.ofMillis(800), 90);
        ended(Duration.ofSeconds(8), 10);
        history.sample(START.plusSeconds(5));

        JsonNode point = history.json().get(0);
        // 50 of the 90 outcomes between 0.5 and 1 s, and half of the 10 between 5 and 10 s
        assertThat(point.get("p50").asDouble()).isCloseTo(0.5 + 0.5 * 50 / 90, within(0.001));
        assertThat(point.get("p95").asDouble()).isCloseTo(7.5, within(0.001));

        for (int i = 2; i <= 12; i++) {
            history.sample(START.plusSeconds(i * 5));
        }
        assertThat(history.json().get(11).get("p50").isNull()).isFalse();
        history.sample(START.plusSeconds(13 * 5));
        assertThat(history.json().get(12).get("p50").isNull()).isTrue();
    }

    @Test
    void onlyTheLastPointsAreKept() {
        for (int i = 0; i < 3 * ConsoleHistory.POINTS; i++) {
            history.sample(START.plusSeconds(i * 5L));
        }

        assertThat(history.json()).hasSize(ConsoleHistory.POINTS);
        assertThat(history.json().get(ConsoleHistory.POINTS - 1).get("at").asLong())
                .isEqualTo(START.plusSeconds((3 * ConsoleHistory.POINTS - 1) * 5L).toEpochMilli());
    }

    @Test
    void whatTookLongerThanTheHighestBoundCountsAsThatBound() {
        history.sample(START);
        ended(Duration.ofSeconds(30), 1);
        ended(Duration.ofDays(3), 9);
        history.sample(START.plusSeconds(5));

        assertThat(history.json().get(0).get("p50").asDouble())
                .isEqualTo(Duration.ofDays(1).toSeconds());
    }

    private void outcomes(String kind, String reason, int times) {
        for (int i = 0; i < times; i++) {
            metrics.count(Metric.OUTCOMES, "seo", kind, reason);
        }
    }

    private void ended(Duration time, int times) {
        for (int i = 0; i < times; i++) {
            metrics.time(Metric.OUTCOME_DURATION, time, "seo", "BULK", "RESULT");
        }
    }
}
