package dev.sluice.worker.consume;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that is being processed: its stage, its start, and whether it may go on once its partition
 * is revoked. After that, a running call may use the time that is left; a job without one is
 * cancelled at once, and no call starts whose timeout exceeds the time left. Thread-safe.
 */
public final class RunningJob {
    private final RunningJobs all;
    private final long offset;
    private final Instant since;
    private Stage stage = Stage.READING;
    private String requestId = "unknown";
    private @Nullable Thread thread;

    /** Whether a call has ended, so that its answer may become an outcome. */
    private boolean answered;

    /** Whether a call was charged, or may have been: another worker would repeat it. */
    private boolean paid;

    /** Timeout of the next call, as far as it is known. */
    private Duration timeout = Duration.ZERO;

    /**
     * The stage of a job: what it does or waits for. Readiness and the log show the description.
     */
    public enum Stage {
        READING("its record is read"),
        REGISTRY("the schema registry does not answer"),
        UNREADABLE("its record cannot be read with the schema that the registry gave"),
        UNKNOWN_ANALYSIS("this worker does not know its analysis"),
        ISOLATION(
                "workers crashed while they processed it or other jobs, so it waits for its"
                        + " isolation turn"),
        DEAD_LETTER("the brokers do not return the dead letter whose answers it judges again"),
        WORKING("the worker processes it"),
        CLEARANCE("it waits for quota, a pause, the circuit breaker or a backoff of its model"),
        RECORDING("the start of its call is written to the journal"),
        CALLING("it waits for the model's answer"),
        WRITING("its outcome is serialized, which needs the schema registry"),
        FINISHED("its outcome waits to be published");

        private final String description;

        Stage(String description) {
            this.description = description;
        }

        /** Why the job is not finished, in words for operators. */
        public String description() {
            return description;
        }
    }

    RunningJob(RunningJobs all, long offset, Instant since) {
        this.all = all;
        this.offset = offset;
        this.since = since;
    }

    /** Sets the request id. */
    public void identify(CharSequence newRequestId) {
        try (var _ = all.hold()) {
            requestId = newRequestId.toString();
        }
    }

    /** Sets the stage. Interrupts the job's thread if the job must be cancelled in this stage. */
    public void at(Stage now) {
        try (var _ = all.hold()) {
            stage = now;
            leaveIfItMust();
        }
    }

    /**
     * Announces a call whose start is about to be written to the journal.
     *
     * @param limit the call's timeout
     * @throws InterruptedException if the time left is shorter than that
     */
    public void starting(Duration limit) throws InterruptedException {
        try (var _ = all.hold()) {
            timeout = limit;
            stage = Stage.RECORDING;
            requireTime();
        }
    }

    /**
     * Announces that the call is recorded in the journal and about to be sent.
     *
     * @throws InterruptedException if the time left is now shorter than the call's timeout
     */
    public void calling() throws InterruptedException {
        try (var _ = all.hold()) {
            requireTime();
            stage = Stage.CALLING;
        }
    }

    /**
     * Records that a call ended.
     *
     * @param charged whether it cost something, or may have
     */
    public void called(boolean charged) {
        try (var _ = all.hold()) {
            answered = true;
            paid |= charged;
            stage = Stage.WORKING;
        }
    }

    private void requireTime() throws InterruptedException {
        if (!mayStay()) {
            throw new InterruptedException(
                    "no time is left for a call: the partition moves to another worker");
        }
    }

    void runsOn(Thread newThread) {
        thread = newThread;
    }

    void cancel() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    void leaveIfItMust() {
        if (!mayStay()) {
            cancel();
        }
    }

    private boolean mayStay() {
        return all.timeLeft().map(this::mayStay).orElse(true);
    }

    private boolean mayStay(Duration left) {
        return switch (stage) {
            case CALLING, WRITING, FINISHED -> true;
            case WORKING -> answered;
            case ISOLATION, CLEARANCE, RECORDING -> paid && left.compareTo(timeout) >= 0;
            case READING, REGISTRY, UNREADABLE, UNKNOWN_ANALYSIS, DEAD_LETTER -> false;
        };
    }

    boolean isFinished() {
        return stage == Stage.FINISHED;
    }

    /** Its current stage. */
    Doing doing() {
        try (var _ = all.hold()) {
            return new Doing(this, offset, requestId, stage, since);
        }
    }

    /**
     * The stage of a job at one moment.
     *
     * @param since when its record was read in this assignment
     */
    record Doing(RunningJob job, long offset, String requestId, Stage stage, Instant since) {}
}
