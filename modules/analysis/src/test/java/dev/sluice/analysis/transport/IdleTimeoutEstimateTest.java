package dev.sluice.analysis.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleTimeoutEstimateTest {
    private static final long MILLIS = Duration.ofMillis(1).toNanos();

    private final IdleTimeoutEstimate patience = new IdleTimeoutEstimate();

    @Test
    void connectionsAreReusedWithinHalfTheIdleTimeOfAFailure() {
        patience.failed(400 * MILLIS, 2 * MILLIS);

        assertThat(patience.allows(200 * MILLIS)).isTrue();
        assertThat(patience.allows(201 * MILLIS)).isFalse();
    }

    @Test
    void lateFailureOrShortIdleTimeIsIgnored() {
        patience.failed(400 * MILLIS, 5_000 * MILLIS);
        patience.failed(2 * MILLIS, 2 * MILLIS);

        assertThat(patience.allows(Duration.ofHours(1).toNanos())).isTrue();
    }

    @Test
    void estimateFadesWithinMinutes() {
        patience.failed(400 * MILLIS, 2 * MILLIS);
        int looks = 0;
        while (!patience.allows(Duration.ofSeconds(20).toNanos())) {
            patience.fade();
            looks++;
        }

        // One check every five seconds.
        assertThat(looks).isBetween(24, 72);
    }
}
