package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A limit and capacity of 60,000 units: 1,000 flow in per second. */
class BucketTrackerTest {
    private static final Instant START = TestBucket.START;
    private static final double LIMIT = TestBucket.LIMIT;

    /**
     * Largest error of a wait. The tolerated 1e-9 of the capacity are 60 ns of the limit, and 120
     * ns of half of it.
     */
    private static final Duration ROUNDING = Duration.ofNanos(125);

    private final TestBucket bucket = new TestBucket(RefundPolicy.UNKNOWN);
    private final BucketTracker tracker = bucket.tracker();

    @Test
    void callWaitsUntilItsMissingUnitsHaveFlownIn() {
        tracker.sent(59_000, START);

        assertThat(tracker.wait(1_000, START)).isZero();
        assertThat(tracker.wait(3_000, START)).isCloseTo(Duration.ofSeconds(2), ROUNDING);
    }

    @Test
    void callLargerThanTheBucketWaitsUntilItIsFull() {
        tracker.sent(10_000, START);

        assertThat(tracker.wait(100_000, START)).isCloseTo(Duration.ofSeconds(10), ROUNDING);
    }

    /** One unit per nanosecond; the tolerated error is one unit of a billion. */
    @Test
    void shortfallWithinTheRoundingErrorCountsAsEnough() {
        BucketTracker fast = new BucketTracker(60e9, 1e9, RefundPolicy.NONE, 1, START);
        fast.sent(600_000_000, START);

        assertThat(fast.wait(400_000_001, START)).isZero();
        assertThat(fast.wait(400_000_002, START)).isEqualTo(Duration.ofNanos(1));
    }

    /** The other workers need the other half of the bucket. */
    @Test
    void workerWithHalfAShareMayUseHalfOfWhatIsLeft() {
        BucketTracker half = new BucketTracker(LIMIT, LIMIT, RefundPolicy.NONE, 0.5, START);
        half.sent(45_000, START);

        assertThat(half.wait(7_500, START)).isZero();
        // 20,000 are needed, 15,000 are left, and 500 flow in per second.
        assertThat(half.wait(10_000, START)).isCloseTo(Duration.ofSeconds(10), ROUNDING);
    }

    @Test
    void workerWithoutAShareIsNotHeldBackByTheBucket() {
        tracker.sent(60_000, START);

        tracker.share(0, START);

        assertThat(tracker.wait(1, START)).isZero();
    }

    @Test
    void sentCallIsTakenFromBothCounters() {
        assertThat(tracker.sent(1_000, START))
                .isEqualTo(new LimitTracker.Mark(START, 59_000, 59_000));
    }

    @Test
    void callThatWasNotSentIsPutBackIntoBothCounters() {
        LimitTracker.Mark mark = tracker.sent(1_000, START);

        tracker.unsent(mark, 1_000, START);

        assertThat(tracker.sent(500, START))
                .isEqualTo(new LimitTracker.Mark(START, 59_500, 59_500));
    }

    @Test
    void unusedUnitsAreGivenBackToTheCounterOfActualUse() {
        tracker.sent(1_000, START);

        tracker.settled(1_000, 400, START);

        assertThat(tracker.sent(100, START))
                .isEqualTo(new LimitTracker.Mark(START, 58_900, 59_500));
    }

    @Test
    void useBeyondTheReservationIsTakenFromTheCounterOfActualUse() {
        tracker.sent(1_000, START);

        tracker.settled(1_000, 1_500, START);

        assertThat(tracker.sent(100, START))
                .isEqualTo(new LimitTracker.Mark(START, 58_900, 58_400));
    }

    /** 3,000 are a tenth of the difference of 30,000. */
    @Test
    void tenthOfTheDifferenceToAnAnswerCountsAsUsedByOthers() {
        bucket.answers(1, 60_000, 60_000, 30_000);

        assertThat(mayUse(tracker, START)).isEqualTo(57_000);
    }

    @Test
    void useByOthersIsAMovingAverage() {
        bucket.answers(1, 60_000, 60_000, 30_000);
        bucket.answers(1, 60_000, 60_000, 50_000);

        // 90 % of 3,000 and 10 % of 10,000.
        assertThat(mayUse(tracker, START)).isEqualTo(56_300);
    }

    @Test
    void moreRemainingThanCountedAddsNothing() {
        tracker.sent(30_000, START);

        bucket.answers(1, 30_000, 30_000, 60_000);

        assertThat(mayUse(tracker, START)).isEqualTo(30_000);
    }

    /** A quarter of the difference that votes need: 375 of 1,500. */
    @Test
    void answersBetweenDifferingCountersSayNothingAboutOthers() {
        bucket.answers(1, 59_625, 60_000, 29_625);
        assertThat(mayUse(tracker, START)).as("375 apart").isEqualTo(60_000);

        bucket.answers(1, 59_626, 60_000, 29_626);
        assertThat(mayUse(tracker, START)).as("374 apart").isEqualTo(57_000);
    }

    @Test
    void useByOthersIsMeasuredFromActualUseIfUnusedUnitsAreRefunded() {
        BucketTracker refunding = new TestBucket(RefundPolicy.REFUNDS).tracker();

        TestBucket.answers(refunding, 1, 20_000, 60_000, 50_000, START);

        assertThat(mayUse(refunding, START)).isEqualTo(59_000);
    }

    @Test
    void useByOthersIsMeasuredFromReservationsIfNothingIsRefunded() {
        BucketTracker keeping = new TestBucket(RefundPolicy.NONE).tracker();

        TestBucket.answers(keeping, 1, 20_000, 60_000, 10_000, START);

        assertThat(mayUse(keeping, START)).isEqualTo(59_000);
    }

    /** Five seconds without answers, then one second for each 1,000 units. */
    @Test
    void callWaitsUntilTheUnitsUsedByOthersFlowBack() {
        bucket.answers(1, 60_000, 60_000, 30_000);

        assertThat(tracker.wait(57_500, START)).isCloseTo(Duration.ofMillis(5_500), ROUNDING);
        assertThat(tracker.wait(60_000, START)).isCloseTo(Duration.ofSeconds(8), ROUNDING);
    }

    @Test
    void unitsUsedByOthersFlowBackAtTheRateOfTheLimit() {
        bucket.answers(1, 60_000, 60_000, 30_000);

        assertThat(mayUse(tracker, START.plusSeconds(5))).isEqualTo(57_000);
        assertThat(mayUse(tracker, START.plusSeconds(6))).isEqualTo(58_000);
        assertThat(mayUse(tracker, START.plusSeconds(8))).isEqualTo(60_000);
    }

    /** The counter is full after 2 s, the units of others flow back from 5 to 8 s. */
    @Test
    void callWaitsForTheCounterAndThenForTheUnitsUsedByOthers() {
        tracker.sent(2_000, START);
        bucket.answers(1, 58_000, 58_000, 28_000);

        assertThat(tracker.wait(55_000, START)).isZero();
        assertThat(tracker.wait(56_000, START)).isCloseTo(Duration.ofSeconds(1), ROUNDING);
        assertThat(tracker.wait(57_500, START)).isCloseTo(Duration.ofMillis(5_500), ROUNDING);
    }

    /** The counter is full after 10 s, the units of others flow back from 5 to 8 s. */
    @Test
    void counterAndUnitsUsedByOthersFlowBackTogether() {
        tracker.sent(10_000, START);
        bucket.answers(1, 50_000, 50_000, 20_000);

        // 47,000 now, 52,000 after 5 s, 58,000 after 8 s.
        assertThat(tracker.wait(54_000, START)).isCloseTo(Duration.ofSeconds(6), ROUNDING);
        assertThat(tracker.wait(59_000, START)).isCloseTo(Duration.ofSeconds(9), ROUNDING);
    }

    /** The most units, in steps of 100, that a call may use now. */
    private static int mayUse(BucketTracker tracker, Instant now) {
        int units = 0;
        while (units < LIMIT && tracker.wait(units + 100, now).isZero()) {
            units += 100;
        }
        return units;
    }
}
