package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a worker may send of a window when its share of it moves. */
class WindowMirrorTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration LENGTH = Duration.ofSeconds(60);
    private static final double CAPACITY = 30_000;

    @Test
    void shareThatIsToldAgainLeavesWordsOfCallsUnderWayInForce() {
        WindowMirror mirror = mirror(1);
        Mirror.Mark mark = mirror.sent(2_000, START.plusSeconds(1));

        mirror.share(1, START.plusSeconds(2));
        strangersLeave(4_000, mirror, mark);

        assertThat(left(mirror, 4)).isBetween(3_900.0, 4_000.0);
    }

    /** Others cannot be as far ahead as one call that is larger than a share. */
    @Test
    void largeCallBeforeTheShareGrewDoesNotUseUpTheWindow() {
        WindowMirror mirror = mirror(1.0 / 8);
        mirror.sent(6_000, START);

        mirror.share(1, START.plusSeconds(10));

        assertThat(left(mirror, 10)).isBetween(10_000.0, 24_000.0);
    }

    @Test
    void whatWasSentAheadOfTheTimeIsNotLeft() {
        WindowMirror mirror = mirror(1.0 / 3);
        mirror.sent(5_000, START);

        mirror.share(0.5, START.plusSeconds(20));

        // All three have sent 15,000 of 30,000 where this one has sent 5,000.
        assertThat(left(mirror, 20)).isBetween(7_400.0, 7_500.0);
    }

    @Test
    void whatStrangersTookIsNotForgottenWhenAShareGoesAndComesBack() {
        WindowMirror mirror = mirror(1);
        Mirror.Mark mark = mirror.sent(2_000, START.plusSeconds(1));
        strangersLeave(4_000, mirror, mark);

        mirror.share(0, START.plusSeconds(3));
        mirror.share(1, START.plusSeconds(4));

        assertThat(left(mirror, 4)).isBetween(3_900.0, 4_000.0);
    }

    @Test
    void nextWindowIsWhole() {
        WindowMirror mirror = mirror(0.5);
        mirror.sent(15_000, START.plusSeconds(1));
        mirror.share(0.25, START.plusSeconds(2));

        assertThat(mirror.wait(7_500, START.plusSeconds(61))).isZero();
        mirror.sent(7_500, START.plusSeconds(61));
        assertThat(mirror.wait(1, START.plusSeconds(61))).isPositive();
    }

    @Test
    void callThatDidNotGoTakesNothingOfTheWindow() {
        WindowMirror mirror = mirror(1);
        Mirror.Mark mark = mirror.sent(CAPACITY, START.plusSeconds(1));

        mirror.unsent(mark, CAPACITY, START.plusSeconds(2));

        assertThat(mirror.wait(CAPACITY, START.plusSeconds(2))).isZero();
    }

    /** A clock that was an hour behind tells edges an hour ahead. */
    @Test
    void edgeFurtherAwayThanAWindowIsLongIsNotBelieved() {
        Instant told = START.plus(Duration.ofHours(1));
        WindowMirror mirror = new WindowMirror(CAPACITY, LENGTH, 1, told, START);
        mirror.sent(CAPACITY, START);

        assertThat(mirror.wait(1, START)).isEqualTo(LENGTH);
    }

    private static void strangersLeave(long remaining, WindowMirror mirror, Mirror.Mark mark) {
        mirror.said(
                mark,
                new RateLimits.Window((long) CAPACITY, remaining, Optional.empty()),
                START.plusSeconds(3));
    }

    private static WindowMirror mirror(double share) {
        return new WindowMirror(CAPACITY, LENGTH, share, START.plus(LENGTH), START);
    }

    /** The most that may go at once, to a hundred units. */
    private static double left(WindowMirror mirror, int second) {
        double units = 0;
        while (units < CAPACITY && mirror.wait(units + 100, START.plusSeconds(second)).isZero()) {
            units += 100;
        }
        return units;
    }
}
