package dev.sluice.worker.journal;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.outcome.CallRows;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** The journal of one job. Confined to the job's thread. */
public final class JobJournal implements CallJournal {
    private final JournalWriter writer;
    private final Company company;
    private final TopicPartition partition;
    private final TenureJournal tenure;
    private final String workerId;
    private final AnalysisJob job;
    private final long offset;
    private boolean working;
    private boolean alone;

    JobJournal(
            JournalWriter writer,
            Company company,
            TopicPartition partition,
            TenureJournal tenure,
            String workerId,
            AnalysisJob job,
            long offset) {
        this.writer = writer;
        this.company = company;
        this.partition = partition;
        this.tenure = tenure;
        this.workerId = workerId;
        this.job = job;
        this.offset = offset;
    }

    @Override
    public int callsBefore() {
        return tenure.earlier(offset, EarlierCalls::count);
    }

    @Override
    public Cost costBefore() {
        return tenure.earlier(offset, EarlierCalls::cost);
    }

    /** Whether a worker died while this job was the only one it worked on. */
    public boolean killedAlone() {
        return tenure.earlier(offset, EarlierCalls::killedAlone);
    }

    /** Calls of earlier lives, which the outcome must carry. */
    public List<ModelCall> earlierCalls() {
        return tenure.carried(offset);
    }

    @Override
    public void resume() throws InterruptedException {
        Company.Size size = tenure.earlier(offset, EarlierCalls::company);
        company.enter(size);
        working = true;
        alone = size == Company.Size.NONE;
    }

    @Override
    public void rest() {
        if (working) {
            working = false;
            company.leave();
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

    private Attempt entry(AttemptPhase phase, Call call) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setLane(tenure.lane())
                .setJobOffset(offset)
                .setTenure(tenure.tenure().toString())
                .setWorkerId(workerId)
                .setAlone(alone)
                .setCall(CallRows.row(job, call))
                .build();
    }
}
