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

/** The journal of one job. Confined to the job's thread. */
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

    /** Whether a start of this execution was put on record before. */
    private boolean startRecorded;

    /** What the job does. */
    private enum State {
        /** It waits, and others may work in its place. */
        RELEASED,
        /** A worker works on it. */
        WORKING,
        /** The same, and the journal says so, in case the worker crashes. */
        WORKING_ON_RECORD
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
        if (isSuspect() || (!startRecorded && assignment.isCareful(offset))) {
            recordStart();
        }
    }

    private boolean isSuspect() {
        return group != IsolationTurns.Group.ALL;
    }

    private void recordStart() throws InterruptedException {
        assignment.beginning(offset);
        state = State.WORKING_ON_RECORD;
        startRecorded = true;
        try {
            while (!writer.write(partition, entry(AttemptPhase.JOB_STARTED, null))) {
                // Writing it twice is harmless.
            }
        } catch (InterruptedException e) {
            releaseSlot();
            throw e;
        }
    }

    @Override
    public void releaseSlot() {
        if (state == State.WORKING_ON_RECORD) {
            recordStop();
        }
        leave();
    }

    /** The job crashed its worker: its start stays on record without a stop. */
    public void abandon() {
        leave();
    }

    /** A suspect's stop must be on record before others start: one of them may crash the worker. */
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
        boolean onRecord = false;
        try {
            onRecord = writer.write(partition, entry(AttemptPhase.STARTED, ifLost));
            if (!assignment.isLive()) {
                throw new InterruptedException("the partition moved on before the call was sent");
            }
            return onRecord;
        } catch (InterruptedException e) {
            onRecord = false;
            throw e;
        } finally {
            if (!onRecord) {
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
