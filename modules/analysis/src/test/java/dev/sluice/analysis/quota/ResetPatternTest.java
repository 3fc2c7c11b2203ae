package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResetPatternTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ResetPattern pattern = new ResetPattern();

    /**
     * Resets are reported as instants, so they seem an hour later by a clock that is an hour
     * behind.
     */
    @Test
    void edgeFromAClockThatWasBehindIsDroppedOnceTheClockIsRight() {
        answers(START, START.plusSeconds(30), Duration.ofHours(1));
        answers(START.plusSeconds(30), START.plusSeconds(180), Duration.ZERO);

        assertThat(pattern.kind()).contains(ResetPattern.Kind.WINDOW);
        assertThat(pattern.lastEdge()).isBefore(START.plusSeconds(181));
        assertThat(pattern.length()).contains(MINUTE);
    }

    @Test
    void clockThatWasAheadHasNoLastingEffect() {
        answers(START, START.plusSeconds(30), Duration.ofMinutes(-50));
        answers(START.plusSeconds(30), START.plusSeconds(180), Duration.ZERO);

        assertThat(pattern.lastEdge()).isBefore(START.plusSeconds(181));
        assertThat(pattern.length()).contains(MINUTE);
    }

    /** Ten answers a second at a provider that counts in windows of a minute. */
    private void answers(Instant from, Instant to, Duration off) {
        for (Instant now = from; now.isBefore(to); now = now.plusMillis(100)) {
            long gone = Duration.between(START, now).toMillis() % 60_000;
            Duration left = MINUTE.minusMillis(gone).plus(off);
            Duration reset = left.isNegative() ? Duration.ZERO : left;
            pattern.observe(
                    now,
                    new RateLimits.Window(1_000, 900 - gone / 100, Optional.of(reset)),
                    1_000 / 60e9);
        }
    }
}
