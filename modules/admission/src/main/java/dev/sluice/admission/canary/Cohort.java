package dev.sluice.admission.canary;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * The counted jobs of a trial that were admitted within the same {@value #SECONDS} seconds.
 * Immutable.
 *
 * @param current jobs of the current version
 * @param canary jobs of the canary
 */
record Cohort(Jobs current, Jobs canary) {
    static final Cohort NONE = new Cohort(Jobs.NONE, Jobs.NONE);

    private static final int SECONDS = 5;

    /** A job that has not ended by then counts as failed. */
    private static final Duration PATIENCE = Duration.ofHours(1);

    /**
     * Jobs of one version.
     *
     * @param notFirst requests or users, whichever are drawn, whose first answer was not valid
     * @param failed likewise with a dead letter
     */
    record Jobs(long admitted, long ended, long notFirst, long failed) {
        static final Jobs NONE = new Jobs(0, 0, 0, 0);

        Jobs plusAdmitted() {
            return new Jobs(admitted + 1, ended, notFirst, failed);
        }

        Jobs plusEnded(boolean isNotFirst, boolean isFailed) {
            return new Jobs(
                    admitted,
                    ended + 1,
                    notFirst + (isNotFirst ? 1 : 0),
                    failed + (isFailed ? 1 : 0));
        }

        /** Those that have not ended. */
        long open() {
            return Math.max(0, admitted - ended);
        }

        private void writeTo(ByteBuffer out) {
            ByteUtils.writeVarlong(admitted, out);
            ByteUtils.writeVarlong(ended, out);
            ByteUtils.writeVarlong(notFirst, out);
            ByteUtils.writeVarlong(failed, out);
        }

        private static Jobs of(ByteBuffer in) {
            return new Jobs(
                    VersionCounts.number(in),
                    VersionCounts.number(in),
                    VersionCounts.number(in),
                    VersionCounts.number(in));
        }
    }

    static final int MOST_BYTES = 8 * VersionCounts.LONGEST;

    /** The number of the cohort of a time. */
    static long number(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), SECONDS);
    }

    /** Whether nothing that matters to the test can change in a cohort any more. */
    boolean isClosed(long number, Instant now) {
        boolean isPast = number < number(now);
        boolean isLate = number <= number(now.minus(PATIENCE));
        return isLate || (isPast && current.open() == 0 && canary.open() == 0);
    }

    Jobs of(boolean isCanary) {
        return isCanary ? canary : current;
    }

    Cohort with(boolean isCanary, Jobs jobs) {
        return new Cohort(isCanary ? current : jobs, isCanary ? jobs : canary);
    }

    void writeTo(ByteBuffer out) {
        current.writeTo(out);
        canary.writeTo(out);
    }

    static Cohort of(ByteBuffer in) {
        return new Cohort(Jobs.of(in), Jobs.of(in));
    }
}
