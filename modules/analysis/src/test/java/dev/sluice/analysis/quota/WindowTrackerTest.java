package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Units of a window that a worker may use, and how long it waits for the next window. */
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

    @Test
    void burstIsATwentiethOfAShortWindow() {
        Duration length = Duration.ofSeconds(1);
        WindowTracker tracker = new WindowTracker(CAPACITY, length, 1, START.plusSeconds(1), START);

        assertThat(tracker.burst()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void burstIsAQuarterOfASecondInALongWindow() {
        assertThat(tracker(1).burst()).isEqualTo(Duration.ofMillis(250));
    }

    /** 30 s before the end of the second window half of it is left, and half of that is shared. */
    @Test
    void shareOfALaterWindowIsOfTheRestOfThatWindow() {
        WindowTracker tracker = tracker(1);
        tracker.sent(CAPACITY, START.plusSeconds(1));
        Instant then = START.plusSeconds(90);

        tracker.share(0.5, then);

        assertThat(tracker.wait(7_500, then)).isZero();
        assertThat(tracker.wait(7_501, then)).isEqualTo(Duration.ofSeconds(30));
    }

    /** 5,000 of the 15,000 units of a share of a half are counted in the next window too. */
    @Test
    void callWaitsForAWindowWithRoomBesideTheCallsNearTheEdge() {
        WindowTracker tracker = tracker(0.5);
        tracker.sent(10_000, START.plusSeconds(1));
        Instant nearEdge = START.plusMillis(59_995);
        tracker.sent(5_000, nearEdge);

        assertThat(tracker.wait(10_000, nearEdge)).isEqualTo(Duration.ofMillis(5));
        assertThat(tracker.wait(10_001, nearEdge)).isEqualTo(Duration.ofMillis(60_005));
    }

    @Test
    void callsNearTheEdgeAreCountedInTheNextWindow() {
        WindowTracker tracker = tracker(1);
        tracker.sent(10_000, START.plusMillis(59_995));

        assertThat(tracker.sent(1_000, START.plusSeconds(61)).kept()).isEqualTo(19_000);
    }

    @Test
    void callsNearTheEdgeAreNotCountedInTheWindowAfterTheNext() {
        WindowTracker tracker = tracker(1);
        tracker.sent(10_000, START.plusMillis(59_995));

        assertThat(tracker.sent(1_000, START.plusSeconds(121)).kept()).isEqualTo(29_000);
    }

    @Test
    void callsOfAnEarlierWindowAreNotCounted() {
        WindowTracker tracker = tracker(1);
        tracker.sent(10_000, START.plusSeconds(1));

        assertThat(tracker.sent(1_000, START.plusSeconds(61)).kept()).isEqualTo(29_000);
    }

    @Test
    void callNearTheEdgeThatWasNotSentIsCountedInNeitherWindow() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(CAPACITY, START.plusMillis(59_995));

        tracker.unsent(mark, CAPACITY, START.plusMillis(59_996));

        assertThat(tracker.wait(CAPACITY, START.plusMillis(59_996))).isZero();
        assertThat(tracker.wait(CAPACITY, START.plusSeconds(60))).isZero();
    }

    @Test
    void edgeSeenLaterMovesTheEdgeAtOnce() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(CAPACITY, START.plusSeconds(1));

        edgeSeen(START.plusSeconds(62), tracker, mark);

        assertThat(tracker.wait(1, START.plusSeconds(2))).isEqualTo(Duration.ofSeconds(60));
    }

    /** One percent of 10 s is 100 ms. */
    @Test
    void edgeSeenEarlierMovesTheEdgeByOnePercentOfTheDifference() {
        WindowTracker tracker = tracker(1);
        LimitTracker.Mark mark = tracker.sent(CAPACITY, START.plusSeconds(1));

        edgeSeen(START.plusSeconds(50), tracker, mark);

        assertThat(tracker.wait(1, START.plusSeconds(2))).isEqualTo(Duration.ofMillis(57_900));
    }

    private static void edgeSeen(Instant edge, WindowTracker tracker, LimitTracker.Mark mark) {
        Duration reset = Duration.between(mark.at(), edge);
        tracker.reported(
                mark,
                new RateLimits.Window((long) CAPACITY, 0, Optional.of(reset)),
                START.plusSeconds(2));
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
