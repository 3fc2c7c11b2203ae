package dev.sluice.worker.consume;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that a worker works on: what it does, since when, and whether it may go on once its
 * partition is given up. A call under way gets the time that is left; without one the job leaves at
 * once, and no call begins that the time left does not cover. Safe for use by many threads.
 */
public final class RunningJob {
    private final RunningJobs all;
    private final long offset;
    private final Instant since;
    private Stage stage = Stage.READING;
    private String requestId = "unknown";
    private @Nullable Thread thread;

    /** An answer has come, which is judged and may be an outcome. */
    private boolean answered;

    /** A call was charged, or may have been: it is made again if the job leaves. */
    private boolean paid;

    /** How long the next call may take, as far as is known. */
    private Duration timeout = Duration.ZERO;

    /** What a job does, or waits for, as an operator is told. */
    public enum Stage {
        READING("its record is read"),
        REGISTRY("the schema registry gives no answer"),
        UNREADABLE("its record cannot be read with the schema that the registry gave"),
        UNKNOWN_ANALYSIS("this worker does not know its analysis"),
        ISOLATION("workers died of it or of others, and it waits for its turn"),
        WORKING("it is at work"),
        CLEARANCE("it waits for quota, a pause, the circuit breaker or a backoff of its model"),
        RECORDING("the start of its call is put on record"),
        CALLING("it waits for the model's answer"),
        WRITING("its outcome is written down, which takes the schema registry"),
        FINISHED("its outcome waits to be published");

        private final String description;

        Stage(String description) {
            this.description = description;
        }

        /** Why the job is not finished. */
        public String description() {
            return description;
        }
    }

    RunningJob(RunningJobs all, long offset, Instant since) {
        this.all = all;
        this.offset = offset;
        this.since = since;
    }

    /** What the job is known by outside. */
    public void identify(CharSequence newRequestId) {
        synchronized (all) {
            requestId = newRequestId.toString();
        }
    }

    /** What it does from now on. Interrupts its thread if it must leave before it can do that. */
    public void at(Stage now) {
        synchronized (all) {
            stage = now;
            leaveIfItMust();
        }
    }

    /**
     * A call is about to be put on record.
     *
     * @param limit how long it may take
     * @throws InterruptedException if the time left does not cover it
     */
    public void starting(Duration limit) throws InterruptedException {
        synchronized (all) {
            timeout = limit;
            stage = Stage.RECORDING;
            requireTime();
        }
    }

    /**
     * The call is on record and about to be sent.
     *
     * @throws InterruptedException if the time left does not cover it any more
     */
    public void calling() throws InterruptedException {
        synchronized (all) {
            requireTime();
            stage = Stage.CALLING;
        }
    }

    /**
     * A call ended.
     *
     * @param charged whether it cost something, or may have
     */
    public void called(boolean charged) {
        synchronized (all) {
            answered = true;
            paid |= charged;
            stage = Stage.WORKING;
        }
    }

    private void requireTime() throws InterruptedException {
        if (!mayStay()) {
            throw new InterruptedException("no time is left for a call: the partition moves on");
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
            case READING, REGISTRY, UNREADABLE, UNKNOWN_ANALYSIS -> false;
        };
    }

    boolean isFinished() {
        return stage == Stage.FINISHED;
    }

    /** What it does now. */
    Doing doing() {
        synchronized (all) {
            return new Doing(this, offset, requestId, stage, since);
        }
    }

    /**
     * What a job does at one moment.
     *
     * @param since when its record was read in this assignment
     */
    record Doing(RunningJob job, long offset, String requestId, Stage stage, Instant since) {}
}
