package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThrottleTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private final Throttle throttle = new Throttle();

    @Test
    void oneRejectionTakesATenthThatRecoversInSixSeconds() {
        assertThat(throttle.rejected(throttle.sent(START), START)).isTrue();
        Throttle.Sent _ = throttle.sent(START);

        assertThat(throttle.at(START)).isCloseTo(0.9, within(1e-9));
        assertThat(throttle.at(START.plusSeconds(4))).isCloseTo(0.95, within(1e-9));
        assertThat(throttle.at(START.plusSeconds(30))).isEqualTo(1);
    }

    @Test
    void severalRejectionsWithinASecondTakeOneTenth() {
        Throttle.Sent sent = throttle.sent(START);
        for (int i = 0; i < 10; i++) {
            assertThat(throttle.rejected(sent, START.plusMillis(100L * i))).isTrue();
        }
        assertThat(throttle.at(START)).isCloseTo(0.9, within(1e-9));
    }

    /** Per minute. */
    @ParameterizedTest
    @CsvSource({
        "500, 0.01",
        "500, 0.05",
        "10000, 0.01",
        "10000, 0.05",
        "100000, 0.01",
        "100000, 0.05"
    })
    void randomRejectionsSlowNothingDownForLong(int rate, double share) {
        Random random = new Random(3);
        double sum = 0;
        Instant now = START;
        Instant measured = START.plus(Duration.ofMinutes(10));
        Instant end = measured.plus(Duration.ofMinutes(30));
        long looks = 0;
        while (now.isBefore(end)) {
            double part = throttle.at(now);
            now = now.plusNanos((long) (60e9 / (rate * part)));
            Throttle.Sent sent = throttle.sent(now);
            if (random.nextDouble() < share) {
                boolean _ = throttle.rejected(sent, now.plusMillis(20));
            }
            if (now.isAfter(measured)) {
                sum += throttle.at(now);
                looks++;
            }
        }

        assertThat(sum / looks).isGreaterThan(0.975);
    }

    /** With pauses nearly all calls come directly after a slow-down. */
    @ParameterizedTest
    @CsvSource({"5000, 0.05", "100000, 0.05", "5000, 0.01"})
    void randomRejectionsAreLearnedDespiteAPauseAfterEach(int rate, double share) {
        Random random = new Random(3);
        Instant now = START;
        Instant measured = START.plus(Duration.ofMinutes(1));
        Instant end = measured.plus(Duration.ofMinutes(10));
        long calls = 0;
        while (now.isBefore(end)) {
            now = now.plusNanos((long) (60e9 / (rate * throttle.at(now))));
            Throttle.Sent sent = throttle.sent(now);
            calls += now.isAfter(measured) ? 1 : 0;
            if (random.nextDouble() < share && throttle.rejected(sent, now.plusMillis(5))) {
                now = now.plusSeconds(1);
            }
        }

        assertThat(calls / (10.0 * rate)).isGreaterThan(0.85);
    }

    /** A bucket that holds one second, filled at a part of the configured rate. */
    @ParameterizedTest
    @CsvSource({"0.97, 0.002", "0.9, 0.003", "0.7, 0.03", "0.5, 0.04", "0.3, 0.03"})
    void limitLowerThanConfiguredIsRespected(double part, double mostTurnedAway) {
        double perSecond = 100;
        double level = perSecond;
        long sent = 0;
        long away = 0;
        Instant now = START;
        while (now.isBefore(START.plus(Duration.ofMinutes(30)))) {
            Duration gap = Duration.ofNanos((long) (1e9 / (perSecond * throttle.at(now))));
            now = now.plus(gap);
            level = Math.min(perSecond, level + perSecond * part * gap.toNanos() / 1e9);
            Throttle.Sent call = throttle.sent(now);
            sent++;
            if (level >= 1) {
                level--;
            } else {
                away++;
                boolean _ = throttle.rejected(call, now);
            }
        }

        assertThat((double) away / sent).isLessThan(mostTurnedAway);
    }
}
