package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How a bucket finds out whether unused units are given back: by trials, votes and rejections. */
class RefundTrialsTest {
    private static final Instant START = TestBucket.START;
    private static final double LIMIT = TestBucket.LIMIT;
    private static final Duration TRY_AGAIN = Duration.ofMinutes(5);

    private final TestBucket bucket = new TestBucket(RefundPolicy.UNKNOWN);
    private final BucketTracker tracker = bucket.tracker();

    @Test
    void trialStartsAfterFiftyAnswers() {
        bucket.answers(50, 60_000, 60_000, 60_000);
        assertThat(tracker.refunds()).isZero();

        bucket.answers(1, 60_000, 60_000, 60_000);
        assertThat(tracker.refunds()).isEqualTo(0.5);
    }

    /** Four calls of 7,500 units are half of the bucket: a trial would use up too much. */
    @Test
    void callsOfAnEighthOfTheBucketAreTooLargeForATrial() {
        tracker.sent(7_500, START);
        bucket.answers(51, 60_000, 60_000, 60_000);

        assertThat(tracker.refunds()).isZero();
    }

    @Test
    void callsSmallerThanAnEighthOfTheBucketAllowATrial() {
        tracker.sent(7_499, START);
        bucket.answers(51, 60_000, 60_000, 60_000);

        assertThat(tracker.refunds()).isEqualTo(0.5);
    }

    /** The example of the class's comment. */
    @Test
    void fiveAnswersNearTheCounterOfActualUseShowRefunds() {
        tracker.sent(1_200, START);
        bucket.othersUse(200);

        bucket.answers(4, 55_000, 59_900, 59_400);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(1, 55_000, 59_900, 59_400);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
        assertThat(tracker.refunds()).isEqualTo(1);
    }

    @Test
    void fiveAnswersNearTheCounterOfReservationsShowNoRefunds() {
        tracker.sent(1_200, START);
        bucket.othersUse(200);

        bucket.answers(4, 55_000, 59_900, 54_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(1, 55_000, 59_900, 54_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
        assertThat(tracker.refunds()).isZero();
    }

    /** With the 2,000 used by others, 56,000 remaining count as 58,000: nearer to 59,800. */
    @Test
    void unitsUsedByOthersAreAddedBeforeAnAnswerVotes() {
        tracker.sent(1_200, START);
        bucket.othersUse(2_000);

        bucket.answers(5, 55_000, 59_800, 56_000);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    /** Without refunds nothing is sent twice, so that is the safe verdict. */
    @Test
    void answerHalfwayBetweenTheCountersVotesAgainstRefunds() {
        bucket.settleIn();

        bucket.answers(5, 55_000, 59_800, 57_400);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void leadOfFiveVotesDecides() {
        bucket.settleIn();
        bucket.answers(4, 55_000, 59_900, 59_900);
        bucket.answers(1, 55_000, 59_900, 55_000);

        bucket.answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    @Test
    void answersBeforeTheTrialDoNotVote() {
        bucket.answers(49, 60_000, 60_000, 60_000);

        bucket.answers(5, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(1, 55_000, 59_900, 59_900);
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.REFUNDS);
    }

    @Test
    void votesNeedADifferenceOfFourTimesTheLargestCall() {
        tracker.sent(1_200, START);
        bucket.settleIn();

        bucket.answers(5, 55_001, 59_800, 59_800);
        assertThat(tracker.refundPolicy()).as("4,799 apart").isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(5, 55_000, 59_800, 59_800);
        assertThat(tracker.refundPolicy()).as("4,800 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    /** 1.5 s of the limit are less than a tenth of the capacity. */
    @Test
    void votesOnSmallCallsNeedADifferenceOfOneAndAHalfSeconds() {
        bucket.settleIn();

        bucket.answers(5, 58_001, 59_500, 59_500);
        assertThat(tracker.refundPolicy()).as("1,499 apart").isEqualTo(RefundPolicy.UNKNOWN);

        bucket.answers(5, 58_000, 59_500, 59_500);
        assertThat(tracker.refundPolicy()).as("1,500 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    /** A tenth of the capacity is less than 1.5 s of the limit. */
    @Test
    void votesInASmallBucketNeedADifferenceOfATenthOfTheCapacity() {
        BucketTracker small = new BucketTracker(LIMIT, 5_000, RefundPolicy.UNKNOWN, 1, START);
        TestBucket.answers(small, 50, 5_000, 5_000, 5_000, START);

        TestBucket.answers(small, 5, 4_001, 4_500, 4_500, START);
        assertThat(small.refundPolicy()).as("499 apart").isEqualTo(RefundPolicy.UNKNOWN);

        TestBucket.answers(small, 5, 4_000, 4_500, 4_500, START);
        assertThat(small.refundPolicy()).as("500 apart").isEqualTo(RefundPolicy.REFUNDS);
    }

    @Test
    void rejectionByAnAlmostEmptyBucketShowsThatNothingIsRefunded() {
        bucket.answers(1, 1_500, 1_500, 1_500);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    /** Another limit rejected the call: more than 1.5 s of this one were left. */
    @Test
    void rejectionWithRoomLeftShowsNothing() {
        bucket.answers(1, 1_501, 1_501, 1_501);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void roomForFourOfTheLargestCallsIsAlmostEmpty() {
        tracker.sent(1_000, START);
        bucket.answers(1, 4_000, 4_000, 4_000);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void roomForMoreThanFourOfTheLargestCallsIsEnough() {
        tracker.sent(1_000, START);
        bucket.answers(1, 4_001, 4_001, 4_001);

        tracker.throttled(START);

        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void verdictOfNoRefundsIsTriedAgainAfterFiveMinutes() {
        bucket.rejectEmpty();

        TestBucket.answers(tracker, 1, 60_000, 60_000, 60_000, START.plus(TRY_AGAIN));
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.NONE);

        TestBucket.answers(tracker, 1, 60_000, 60_000, 60_000, START.plus(TRY_AGAIN).plusNanos(1));
        assertThat(tracker.refundPolicy()).isEqualTo(RefundPolicy.UNKNOWN);
    }

    @Test
    void configuredAbsenceOfRefundsIsNeverTried() {
        BucketTracker keeping = new TestBucket(RefundPolicy.NONE).tracker();

        TestBucket.answers(keeping, 1, 60_000, 60_000, 60_000, START.plus(Duration.ofHours(1)));

        assertThat(keeping.refundPolicy()).isEqualTo(RefundPolicy.NONE);
    }

    @Test
    void newTrialStartsWithEqualCounters() {
        bucket.rejectEmpty();
        Instant again = START.plus(TRY_AGAIN).plusNanos(1);
        LimitTracker.Mark mark = tracker.sent(10_000, again);
        tracker.settled(10_000, 4_000, again);

        tracker.reported(mark, TestBucket.left(50_000), again);

        assertThat(tracker.sent(100, again))
                .isEqualTo(new LimitTracker.Mark(again, 49_900, 49_900));
    }
}
