package dev.sluice.worker.journal;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.outcome.CallRows;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one job: writes the starts and ends of its calls, and acquires its slot. The slot
 * is the job's permission to work in the current isolation turn; a job that waits releases it.
 * Confined to the job's thread.
 */
public final class JobJournal implements CallJournal {
    private final JournalWriter writer;
    private final CrashIsolation isolation;
    private final TopicPartition partition;
    private final AssignmentJournal assignment;
    private final String workerId;
    private final Job job;
    private final long offset;
    private State state = State.RELEASED;
    private IsolationTurns.Group group = IsolationTurns.Group.ALL;

    /** Whether this execution has recorded a start already. */
    private boolean startRecorded;

    /** The states of the job's slot. */
    private enum State {
        /** The job has no slot; other jobs may work. */
        RELEASED,
        /** The job has a slot. */
        WORKING,
        /**
         * The job has a slot, and the journal has recorded its start in case the worker crashes.
         */
        WORKING_RECORDED
    }

    JobJournal(
            JournalWriter writer,
            CrashIsolation isolation,
            TopicPartition partition,
            AssignmentJournal assignment,
            String workerId,
            Job job,
            long offset) {
        this.writer = writer;
        this.isolation = isolation;
        this.partition = partition;
        this.assignment = assignment;
        this.workerId = workerId;
        this.job = job;
        this.offset = offset;
    }

    @Override
    public int callsBefore() {
        return assignment.earlier(offset, JobHistory::count);
    }

    @Override
    public Cost costBefore() {
        return assignment.earlier(offset, JobHistory::cost);
    }

    /** Whether a worker crashed while this job was the only one it worked on. */
    public boolean crashedInIsolation() {
        return assignment.earlier(offset, JobHistory::crashedInIsolation);
    }

    /** Calls of earlier executions, which the outcome must carry. */
    public List<ModelCall> earlierCalls() {
        return assignment.carried(offset);
    }

    @Override
    public void acquireSlot() throws InterruptedException {
        IsolationTurns.Group wanted = assignment.earlier(offset, JobHistory::group);
        isolation.enter(job.model(), wanted);
        group = wanted;
        state = State.WORKING;
        if (isSuspect() || (!startRecorded && assignment.mustRecordStart(offset))) {
            recordStart();
        }
    }

    private boolean isSuspect() {
        return group != IsolationTurns.Group.ALL;
    }

    private void recordStart() throws InterruptedException {
        assignment.beginning(offset);
        state = State.WORKING_RECORDED;
        startRecorded = true;
        try {
            while (!writer.write(partition, entry(AttemptPhase.JOB_STARTED, null))) {
                // Try again; a second entry has no effect.
            }
        } catch (InterruptedException e) {
            releaseSlot();
            throw e;
        }
    }

    @Override
    public void releaseSlot() {
        if (state == State.WORKING_RECORDED) {
            recordStop();
        }
        leave();
    }

    /**
     * Releases the slot of a job that crashed its worker: its start stays recorded without a stop.
     */
    public void abandon() {
        leave();
    }

    /**
     * Records the job's stop. A suspect's stop must be acknowledged before other jobs start,
     * because one of them may crash the worker.
     */
    private void recordStop() {
        Attempt entry = entry(AttemptPhase.JOB_STOPPED, null);
        if (isSuspect() && !Thread.currentThread().isInterrupted()) {
            try {
                if (writer.write(partition, entry)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        writer.note(partition, entry);
    }

    private void leave() {
        if (state != State.RELEASED) {
            state = State.RELEASED;
            isolation.leave(job.model(), group);
        }
    }

    @Override
    public boolean starting(Call ifLost) throws InterruptedException {
        assignment.beginning(offset);
        boolean recorded = false;
        try {
            recorded = writer.write(partition, entry(AttemptPhase.STARTED, ifLost));
            if (!assignment.isLive()) {
                throw new InterruptedException(
                        "the partition moved to another worker before the call was sent");
            }
            return recorded;
        } catch (InterruptedException e) {
            recorded = false;
            throw e;
        } finally {
            if (!recorded) {
                withdrawn(ifLost);
            }
        }
    }

    @Override
    public void withdrawn(Call call) {
        writer.note(partition, entry(AttemptPhase.WITHDRAWN, call));
    }

    @Override
    public void ended(Call call) {
        writer.note(partition, entry(AttemptPhase.ENDED, call));
    }

    private Attempt entry(AttemptPhase phase, @Nullable Call call) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setPriority(assignment.priority())
                .setJobOffset(offset)
                .setAssignment(assignment.assignment().toString())
                .setWorkerId(workerId)
                .setAlone(group == IsolationTurns.Group.ALONE)
                .setCall(call == null ? null : CallRows.row(job, call))
                .build();
    }
}
