package dev.sluice.worker.journal;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.CallJournal;
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
    private final Isolation isolation;
    private final TopicPartition partition;
    private final TenureJournal tenure;
    private final String workerId;
    private final Job job;
    private final long offset;
    private boolean working;
    private Company.Size company = Company.Size.ANY;

    /** Whether it is on record that the job is worked on. */
    private boolean takenUp;

    private boolean takenUpOnce;

    JobJournal(
            JournalWriter writer,
            Isolation isolation,
            TopicPartition partition,
            TenureJournal tenure,
            String workerId,
            Job job,
            long offset) {
        this.writer = writer;
        this.isolation = isolation;
        this.partition = partition;
        this.tenure = tenure;
        this.workerId = workerId;
        this.job = job;
        this.offset = offset;
    }

    @Override
    public int callsBefore() {
        return tenure.earlier(offset, EarlierLives::count);
    }

    @Override
    public Cost costBefore() {
        return tenure.earlier(offset, EarlierLives::cost);
    }

    /** Whether a worker died while this job was the only one it worked on. */
    public boolean killedAlone() {
        return tenure.earlier(offset, EarlierLives::killedAlone);
    }

    /** Calls of earlier lives, which the outcome must carry. */
    public List<ModelCall> earlierCalls() {
        return tenure.carried(offset);
    }

    @Override
    public void resume() throws InterruptedException {
        Company.Size size = tenure.earlier(offset, EarlierLives::company);
        isolation.enter(job.model(), size);
        working = true;
        company = size;
        if (isSuspect() || (!takenUpOnce && tenure.isCareful(offset))) {
            takeUp();
        }
    }

    private boolean isSuspect() {
        return company != Company.Size.ANY;
    }

    private void takeUp() throws InterruptedException {
        tenure.beginning(offset);
        takenUp = true;
        takenUpOnce = true;
        try {
            while (!writer.write(partition, entry(AttemptPhase.TAKEN_UP, null))) {
                // Said twice it means the same.
            }
        } catch (InterruptedException e) {
            rest();
            throw e;
        }
    }

    @Override
    public void rest() {
        if (takenUp) {
            takenUp = false;
            layDown(entry(AttemptPhase.LAID_DOWN, null));
        }
        leave();
    }

    /** The job broke its worker: nobody says of it that it was laid down. */
    public void abandon() {
        takenUp = false;
        leave();
    }

    /** Of a suspect it must be on record before others go on: one of them may kill the worker. */
    private void layDown(Attempt entry) {
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
        if (working) {
            working = false;
            isolation.leave(job.model(), company);
        }
    }

    @Override
    public boolean starting(Call ifLost) throws InterruptedException {
        tenure.beginning(offset);
        boolean onRecord = false;
        try {
            onRecord = writer.write(partition, entry(AttemptPhase.STARTED, ifLost));
            if (!tenure.isLive()) {
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
                .setLane(tenure.lane())
                .setJobOffset(offset)
                .setTenure(tenure.tenure().toString())
                .setWorkerId(workerId)
                .setAlone(company == Company.Size.NONE)
                .setCall(call == null ? null : CallRows.row(job, call))
                .build();
    }
}
