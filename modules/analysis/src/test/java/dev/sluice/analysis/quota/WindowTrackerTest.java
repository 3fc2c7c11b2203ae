package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Units of a window that a worker may use when its share changes. */
class WindowTrackerTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration LENGTH = Duration.ofSeconds(60);
    private static final double CAPACITY = 30_000;

    @Test
    void settingTheSameShareKeepsReportsOfCallsInFlight() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(2_000, START.plusSeconds(1));

        tracker.share(1, START.plusSeconds(2));
        strangersLeave(4_000, tracker, mark);

        assertThat(left(tracker, 4)).isBetween(3_900.0, 4_000.0);
    }

    /** Other workers cannot be ahead by as much as one call larger than a share. */
    @Test
    void largeCallBeforeTheShareGrewDoesNotUseUpTheWindow() {
        WindowTracker tracker = tracker(1.0 / 8);
        tracker.sent(6_000, START);

        tracker.share(1, START.plusSeconds(10));

        assertThat(left(tracker, 10)).isBetween(10_000.0, 24_000.0);
    }

    @Test
    void unitsSentAheadOfTimeAreNotLeft() {
        WindowTracker tracker = tracker(1.0 / 3);
        tracker.sent(5_000, START);

        tracker.share(0.5, START.plusSeconds(20));

        // All three have sent 15,000 of 30,000 where this one has sent 5,000.
        assertThat(left(tracker, 20)).isBetween(7_400.0, 7_500.0);
    }

    @Test
    void useByStrangersIsKeptWhenAShareGoesAndComesBack() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(2_000, START.plusSeconds(1));
        strangersLeave(4_000, tracker, mark);

        tracker.share(0, START.plusSeconds(3));
        tracker.share(1, START.plusSeconds(4));

        assertThat(left(tracker, 4)).isBetween(3_900.0, 4_000.0);
    }

    @Test
    void nextWindowIsFull() {
        WindowTracker tracker = tracker(0.5);
        tracker.sent(15_000, START.plusSeconds(1));
        tracker.share(0.25, START.plusSeconds(2));

        assertThat(tracker.wait(7_500, START.plusSeconds(61))).isZero();
        tracker.sent(7_500, START.plusSeconds(61));
        assertThat(tracker.wait(1, START.plusSeconds(61))).isPositive();
    }

    @Test
    void callThatWasNotSentUsesNoUnits() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(CAPACITY, START.plusSeconds(1));

        tracker.unsent(mark, CAPACITY, START.plusSeconds(2));

        assertThat(tracker.wait(CAPACITY, START.plusSeconds(2))).isZero();
    }

    /** By a clock that was an hour behind, edges seem an hour later. */
    @Test
    void edgeFurtherAwayThanOneWindowIsIgnored() {
        Instant edge = START.plus(Duration.ofHours(1));
        WindowTracker tracker = new WindowTracker(CAPACITY, LENGTH, 1, edge, START);
        tracker.sent(CAPACITY, START);

        assertThat(tracker.wait(1, START)).isEqualTo(LENGTH);
    }

    private static void strangersLeave(
            long remaining, WindowTracker tracker, LimitTracker.Mark mark) {
        tracker.reported(
                mark,
                new RateLimits.Window((long) CAPACITY, remaining, Optional.empty()),
                START.plusSeconds(3));
    }

    private static WindowTracker tracker(double share) {
        return new WindowTracker(CAPACITY, LENGTH, share, START.plus(LENGTH), START);
    }

    /** The most units that may be sent at once, to the nearest hundred. */
    private static double left(WindowTracker tracker, int second) {
        double units = 0;
        while (units < CAPACITY && tracker.wait(units + 100, START.plusSeconds(second)).isZero()) {
            units += 100;
        }
        return units;
    }
}
