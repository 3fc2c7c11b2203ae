package dev.sluice.admission.canary;

import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Validity;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * The requests of one version in a trial. Immutable.
 *
 * @param admitted requests that became jobs
 * @param ended jobs that have ended
 * @param notFirst ended jobs whose first answer was not valid, failed ones included
 * @param failed ended jobs with a dead letter
 * @param notFirstUnits requests or users, whichever are drawn, whose first answer was not valid: of
 *     closed cohorts only; what is tested
 * @param failedUnits likewise with a dead letter
 * @param cost of all ended jobs, lost calls at their worst case
 * @param times of all calls of a job together
 */
public record VersionCounts(
        long admitted,
        long ended,
        long notFirst,
        long failed,
        long notFirstUnits,
        long failedUnits,
        Cost cost,
        TimeCounts times) {
    public static final VersionCounts NONE =
            new VersionCounts(0, 0, 0, 0, 0, 0, Cost.ZERO, TimeCounts.NONE);

    private static final int NUMBERS = 7;

    /** The longest form of a number, bytes. */
    static final int LONGEST = 10;

    static final int MOST_BYTES = (NUMBERS + TimeCounts.BUCKETS) * LONGEST;

    VersionCounts plus(VersionCounts other) {
        return new VersionCounts(
                admitted + other.admitted,
                ended + other.ended,
                notFirst + other.notFirst,
                failed + other.failed,
                notFirstUnits + other.notFirstUnits,
                failedUnits + other.failedUnits,
                cost.plus(other.cost).min(Cost.MOST),
                times.plus(other.times));
    }

    VersionCounts plusAdmitted() {
        return plus(new VersionCounts(1, 0, 0, 0, 0, 0, Cost.ZERO, TimeCounts.NONE));
    }

    /** Counts a job that has ended. */
    VersionCounts plusEnded(Validity validity, Cost jobCost, Duration time) {
        return plus(
                new VersionCounts(
                        0,
                        1,
                        validity == Validity.FIRST ? 0 : 1,
                        validity == Validity.FAILED ? 1 : 0,
                        0,
                        0,
                        jobCost,
                        TimeCounts.NONE.plus(time)));
    }

    /** Adds the failures of a closed cohort to what is tested; open jobs count as failed. */
    VersionCounts plusTested(Cohort.Jobs jobs) {
        return plus(
                new VersionCounts(
                        0,
                        0,
                        0,
                        0,
                        jobs.notFirst() + jobs.open(),
                        jobs.failed() + jobs.open(),
                        Cost.ZERO,
                        TimeCounts.NONE));
    }

    /** Share of the ended jobs whose first answer was valid, from 0 to 1; NaN if none has ended. */
    public double firstValid() {
        return (double) (ended - notFirst) / ended;
    }

    /** Share of the ended jobs with a result, from 0 to 1; NaN if none has ended. */
    public double valid() {
        return (double) (ended - failed) / ended;
    }

    void writeTo(ByteBuffer out) {
        for (long number :
                new long[] {
                    admitted, ended, notFirst, failed, notFirstUnits, failedUnits, cost.billionths()
                }) {
            ByteUtils.writeVarlong(number, out);
        }
        times.writeTo(out);
    }

    /**
     * Reads a count.
     *
     * @throws IllegalArgumentException if it is negative
     */
    static long number(ByteBuffer in) {
        long number = ByteUtils.readVarlong(in);
        if (number < 0) {
            throw new IllegalArgumentException("a count is negative: " + number);
        }
        return number;
    }

    static VersionCounts of(ByteBuffer in) {
        long[] numbers = new long[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            numbers[i] = number(in);
        }
        return new VersionCounts(
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                Cost.ofBillionths(numbers[6]),
                TimeCounts.of(in));
    }
}
