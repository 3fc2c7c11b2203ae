package dev.sluice.worker.process;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.RunningJob.Stage;
import java.time.Duration;

/**
 * The calls of one job, whether they are put on record or not: its partition knows at any time
 * whether one is under way, and none begins that cannot end before the partition is given up.
 * Confined to the job's thread.
 */
final class TrackedCalls implements CallJournal {
    private final CallJournal record;
    private final RunningJob job;

    TrackedCalls(CallJournal record, RunningJob job) {
        this.record = record;
        this.job = job;
    }

    @Override
    public int callsBefore() {
        return record.callsBefore();
    }

    @Override
    public Cost costBefore() {
        return record.costBefore();
    }

    @Override
    public void releaseSlot() {
        record.releaseSlot();
        job.at(Stage.CLEARANCE);
    }

    @Override
    public void acquireSlot() throws InterruptedException {
        job.at(Stage.ISOLATION);
        record.acquireSlot();
        job.at(Stage.WORKING);
        if (Thread.interrupted()) {
            throw new InterruptedException("the job leaves: its partition moves on");
        }
    }

    @Override
    public boolean starting(Call ifLost) throws InterruptedException {
        Duration timeout = ifLost.deployment().endpoint().timeout();
        job.starting(timeout);
        boolean onRecord = record.starting(ifLost);
        if (onRecord) {
            callOrWithdraw(ifLost);
        }
        return onRecord;
    }

    private void callOrWithdraw(Call ifLost) throws InterruptedException {
        try {
            job.calling();
        } catch (InterruptedException e) {
            record.withdrawn(ifLost);
            throw e;
        }
    }

    @Override
    public void withdrawn(Call call) {
        record.withdrawn(call);
        job.at(Stage.WORKING);
    }

    @Override
    public void ended(Call call) {
        record.ended(call);
        job.called(call.cost().compareTo(Cost.ZERO) > 0);
    }
}
