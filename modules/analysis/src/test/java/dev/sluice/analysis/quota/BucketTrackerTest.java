package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A limit and capacity of 60,000 units: 1,000 flow in per second. */
class BucketTrackerTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final double LIMIT = 60_000;
    private static final Duration TRY_AGAIN = Duration.ofMinutes(5);

    /**
     * Largest error of a wait. The tolerated 1e-9 of the capacity are 60 ns of the limit, and 120
     * ns of half of it.
     */
    private static final Duration ROUNDING = Duration.ofNanos(125);

    private final BucketTracker tracker = tracker(RefundPolicy.UNKNOWN);

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

    @Test
    void trialStartsAfterFiftyAnswers() {
        answers(50, 60_000, 60_000, 60_000);
        assertThat(tracker.refunds()).isZero();

        answers(1, 60_000, 60_000, 60_000);
        assertThat(tracker.refunds()).isEqualTo(0.5);
    }

    /** Four calls of 7,500 units are half of the bucket: a trial would use up too much. */
    @Test
    void callsOfAnEighthOfTheBucketAreTooLargeForATrial() {
        tracker.sent(7_500, START);
        answers(51, 60_000, 60_000, 60_000);

        assertThat(tracker.refunds()).isZero();
    }

    @Test
    void callsSmallerThanAnEighthOfTheBucketAllowATrial() {
        tracker.sent(7_499, START);
        answers(51, 60_000, 60_000, 60_000);

        assertThat(tracker.refunds()).isEqualTo(0.5);
    }

    /** The example of the class's comment. */
    @Test
    void fiveAnswersNearTheCounterOfActualUseShowRefunds() {
        tracker.sent(1_200, START);
        othersUse(200);

        answers(4, 55_000, 59_900, 59_400);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        answers(1, 55_000, 59_900, 59_400);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
        assertThat(tracker.refunds()).isEqualTo(1);
    }

    @Test
    void fiveAnswersNearTheCounterOfReservationsShowNoRefunds() {
        tracker.sent(1_200, START);
        othersUse(200);

        answers(4, 55_000, 59_900, 54_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        answers(1, 55_000, 59_900, 54_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
        assertThat(tracker.refunds()).isZero();
    }

    /** With the 2,000 used by others, 56,000 remaining count as 58,000: nearer to 59,800. */
    @Test
    void unitsUsedByOthersAreAddedBeforeAnAnswerVotes() {
        tracker.sent(1_200, START);
        othersUse(2_000);

        answers(5, 55_000, 59_800, 56_000);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    /** Without refunds nothing is sent twice, so that is the safe verdict. */
    @Test
    void answerHalfwayBetweenTheCountersVotesAgainstRefunds() {
        settleIn();

        answers(5, 55_000, 59_800, 57_400);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void leadOfFiveVotesDecides() {
        settleIn();
        answers(4, 55_000, 59_900, 59_900);
        answers(1, 55_000, 59_900, 55_000);

        answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    @Test
    void answersBeforeTheTrialDoNotVote() {
        answers(49, 60_000, 60_000, 60_000);

        answers(5, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    @Test
    void votesNeedADifferenceOfFourTimesTheLargestCall() {
        tracker.sent(1_200, START);
        settleIn();

        answers(5, 55_001, 59_800, 59_800);
        assertThat(tracker.refundPolicy()).as("4,799 apart").isEqualTo(RefundPolicy.UNKNOWN);

        answers(5, 55_000, 59_800, 59_800);
        assertThat(tracker.refundPolicy()).as("4,800 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    /** 1.5 s of the limit are less than a tenth of the capacity. */
    @Test
    void votesOnSmallCallsNeedADifferenceOfOneAndAHalfSeconds() {
        settleIn();

        answers(5, 58_001, 59_500, 59_500);
        assertThat(tracker.refundPolicy()).as("1,499 apart").isEqualTo(RefundPolicy.UNKNOWN);

        answers(5, 58_000, 59_500, 59_500);
        assertThat(tracker.refundPolicy()).as("1,500 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    /** A tenth of the capacity is less than 1.5 s of the limit. */
    @Test
    void votesInASmallBucketNeedADifferenceOfATenthOfTheCapacity() {
        BucketTracker small = new BucketTracker(LIMIT, 5_000, RefundPolicy.UNKNOWN, 1, START);
        answers(small, 50, 5_000, 5_000, 5_000, START);

        answers(small, 5, 4_001, 4_500, 4_500, START);
        assertThat(small.refundPolicy()).as("499 apart").isEqualTo(RefundPolicy.UNKNOWN);

        answers(small, 5, 4_000, 4_500, 4_500, START);
        assertThat(small.refundPolicy()).as("500 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    /** 3,000 are a tenth of the difference of 30,000. */
    @Test
    void tenthOfTheDifferenceToAnAnswerCountsAsUsedByOthers() {
        answers(1, 60_000, 60_000, 30_000);

        assertThat(mayUse(tracker, START)).isEqualTo(57_000);
    }

    @Test
    void useByOthersIsAMovingAverage() {
        answers(1, 60_000, 60_000, 30_000);
        answers(1, 60_000, 60_000, 50_000);

        // 90 % of 3,000 and 10 % of 10,000.
        assertThat(mayUse(tracker, START)).isEqualTo(56_300);
    }

    @Test
    void moreRemainingThanCountedAddsNothing() {
        tracker.sent(30_000, START);

        answers(1, 30_000, 30_000, 60_000);

        assertThat(mayUse(tracker, START)).isEqualTo(30_000);
    }

    /** A quarter of the difference that votes need: 375 of 1,500. */
    @Test
    void answersBetweenDifferingCountersSayNothingAboutOthers() {
        answers(1, 59_625, 60_000, 29_625);
        assertThat(mayUse(tracker, START)).as("375 apart").isEqualTo(60_000);

        answers(1, 59_626, 60_000, 29_626);
        assertThat(mayUse(tracker, START)).as("374 apart").isEqualTo(57_000);
    }

    @Test
    void useByOthersIsMeasuredFromActualUseIfUnusedUnitsAreRefunded() {
        BucketTracker refunding = tracker(RefundPolicy.REFUNDS);

        answers(refunding, 1, 20_000, 60_000, 50_000, START);

        assertThat(mayUse(refunding, START)).isEqualTo(59_000);
    }

    @Test
    void useByOthersIsMeasuredFromReservationsIfNothingIsRefunded() {
        BucketTracker keeping = tracker(RefundPolicy.NONE);

        answers(keeping, 1, 20_000, 60_000, 10_000, START);

        assertThat(mayUse(keeping, START)).isEqualTo(59_000);
    }

    /** Five seconds without answers, then one second for each 1,000 units. */
    @Test
    void callWaitsUntilTheUnitsUsedByOthersFlowBack() {
        answers(1, 60_000, 60_000, 30_000);

        assertThat(tracker.wait(57_500, START)).isCloseTo(Duration.ofMillis(5_500), ROUNDING);
        assertThat(tracker.wait(60_000, START)).isCloseTo(Duration.ofSeconds(8), ROUNDING);
    }

    @Test
    void unitsUsedByOthersFlowBackAtTheRateOfTheLimit() {
        answers(1, 60_000, 60_000, 30_000);

        assertThat(mayUse(tracker, START.plusSeconds(5))).isEqualTo(57_000);
        assertThat(mayUse(tracker, START.plusSeconds(6))).isEqualTo(58_000);
        assertThat(mayUse(tracker, START.plusSeconds(8))).isEqualTo(60_000);
    }

    /** The counter is full after 2 s, the units of others flow back from 5 to 8 s. */
    @Test
    void callWaitsForTheCounterAndThenForTheUnitsUsedByOthers() {
        tracker.sent(2_000, START);
        answers(1, 58_000, 58_000, 28_000);

        assertThat(tracker.wait(55_000, START)).isZero();
        assertThat(tracker.wait(56_000, START)).isCloseTo(Duration.ofSeconds(1), ROUNDING);
        assertThat(tracker.wait(57_500, START)).isCloseTo(Duration.ofMillis(5_500), ROUNDING);
    }

    /** The counter is full after 10 s, the units of others flow back from 5 to 8 s. */
    @Test
    void counterAndUnitsUsedByOthersFlowBackTogether() {
        tracker.sent(10_000, START);
        answers(1, 50_000, 50_000, 20_000);

        // 47,000 now, 52,000 after 5 s, 58,000 after 8 s.
        assertThat(tracker.wait(54_000, START)).isCloseTo(Duration.ofSeconds(6), ROUNDING);
        assertThat(tracker.wait(59_000, START)).isCloseTo(Duration.ofSeconds(9), ROUNDING);
    }

    @Test
    void rejectionByAnAlmostEmptyBucketShowsThatNothingIsRefunded() {
        answers(1, 1_500, 1_500, 1_500);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    /** Another limit rejected the call: more than 1.5 s of this one were left. */
    @Test
    void rejectionWithRoomLeftShowsNothing() {
        answers(1, 1_501, 1_501, 1_501);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void roomForFourOfTheLargestCallsIsAlmostEmpty() {
        tracker.sent(1_000, START);
        answers(1, 4_000, 4_000, 4_000);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void roomForMoreThanFourOfTheLargestCallsIsEnough() {
        tracker.sent(1_000, START);
        answers(1, 4_001, 4_001, 4_001);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void verdictOfNoRefundsIsTriedAgainAfterFiveMinutes() {
        rejectEmpty();

        answers(tracker, 1, 60_000, 60_000, 60_000, START.plus(TRY_AGAIN));
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);

        answers(tracker, 1, 60_000, 60_000, 60_000, START.plus(TRY_AGAIN).plusNanos(1));
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void configuredAbsenceOfRefundsIsNeverTried() {
        BucketTracker keeping = tracker(RefundPolicy.NONE);

        answers(keeping, 1, 60_000, 60_000, 60_000, START.plus(Duration.ofHours(1)));

        assertThat(keeping.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void newTrialStartsWithEqualCounters() {
        rejectEmpty();
        Instant again = START.plus(TRY_AGAIN).plusNanos(1);
        LimitTracker.Mark mark = tracker.sent(10_000, again);
        tracker.settled(10_000, 4_000, again);

        tracker.reported(mark, left(50_000), again);

        assertThat(tracker.sent(100, again))
                .isEqualTo(new LimitTracker.Mark(again, 49_900, 49_900));
    }

    private static BucketTracker tracker(RefundPolicy refundPolicy) {
        return new BucketTracker(LIMIT, LIMIT, refundPolicy, 1, START);
    }

    /** The 50 answers before the trial. */
    private void settleIn() {
        answers(50, 60_000, 60_000, 60_000);
    }

    /** The 50 answers before the trial, with units used by others. */
    private void othersUse(long units) {
        // A tenth of the first difference counts; the same difference then keeps it.
        answers(1, 60_000, 60_000, 60_000 - 10 * units);
        answers(49, 60_000, 60_000, 60_000 - units);
    }

    /** A 429 by a bucket with nothing left. */
    private void rejectEmpty() {
        answers(1, 0, 0, 0);
        tracker.throttled(START);
    }

    private void answers(int count, double kept, double settled, long remaining) {
        answers(tracker, count, kept, settled, remaining, START);
    }

    private static void answers(
            BucketTracker tracker,
            int count,
            double kept,
            double settled,
            long remaining,
            Instant now) {
        for (int i = 0; i < count; i++) {
            tracker.reported(new LimitTracker.Mark(START, kept, settled), left(remaining), now);
        }
    }

    private static RateLimits.Window left(long remaining) {
        return new RateLimits.Window((long) LIMIT, remaining, Optional.empty());
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
