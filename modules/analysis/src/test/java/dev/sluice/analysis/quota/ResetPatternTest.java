package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** 600 of 6,000 are missing, which takes 6 s: 4.7 to 7.3 s look like a bucket. */
    @ParameterizedTest
    @CsvSource({"4699, WINDOW", "4700, BUCKET", "7300, BUCKET", "7301, WINDOW"})
    void resetNearTheTimeToRefillVotesForABucket(long resetMillis, ResetPattern.Kind kind) {
        votes(10, Duration.ofMillis(resetMillis));

        assertThat(pattern.kind()).contains(kind);
    }

    @Test
    void sevenAnswersAreTooFewToTell() {
        votes(7, Duration.ofSeconds(6));

        assertThat(pattern.kind()).isEmpty();
    }

    @Test
    void fifthOfTheVotesIsNotEnoughForWindows() {
        votes(2, Duration.ofSeconds(40));
        votes(8, Duration.ofSeconds(6));

        assertThat(pattern.kind()).contains(ResetPattern.Kind.BUCKET);
    }

    @Test
    void moreThanAFifthOfTheVotesIsEnoughForWindows() {
        votes(3, Duration.ofSeconds(40));
        votes(8, Duration.ofSeconds(6));

        assertThat(pattern.kind()).contains(ResetPattern.Kind.WINDOW);
    }

    @Test
    void edgeHalfASecondLaterIsADelayedAnswer() {
        answer(START, Duration.ofSeconds(1));

        answer(START, Duration.ofMillis(1_500));

        assertThat(pattern.lastEdge()).isEqualTo(START.plusSeconds(1));
        assertThat(pattern.length()).isEmpty();
    }

    @Test
    void edgeMoreThanHalfASecondLaterEndsAnotherWindow() {
        answer(START, Duration.ofSeconds(1));

        answer(START, Duration.ofMillis(1_501));

        assertThat(pattern.lastEdge()).isEqualTo(START.plusMillis(1_501));
        assertThat(pattern.length()).contains(Duration.ofSeconds(1));
    }

    /**
     * The clock is set back. The longest reset was 10 s and has faded to 9.9 s; three of those and
     * half a second are 30.2 s.
     */
    @Test
    void edgeThreeOfTheLongestResetsAwayIsKept() {
        answer(START, Duration.ofSeconds(10));

        answer(START.minusMillis(20_200), Duration.ofSeconds(1));

        assertThat(pattern.lastEdge()).isEqualTo(START.plusSeconds(10));
    }

    @Test
    void edgeMoreThanThreeOfTheLongestResetsAwayIsDropped() {
        answer(START, Duration.ofSeconds(10));

        answer(START.minusMillis(20_201), Duration.ofSeconds(1));

        assertThat(pattern.lastEdge()).isEqualTo(START.minusMillis(19_201));
    }

    private void votes(int count, Duration reset) {
        for (int i = 0; i < count; i++) {
            answer(START, reset);
        }
    }

    /** An answer of a provider with 5,400 of 6,000 units left, 100 of which flow in per second. */
    private void answer(Instant sent, Duration reset) {
        pattern.observe(
                sent, new RateLimits.Window(6_000, 5_400, Optional.of(reset)), 6_000 / 60e9);
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
