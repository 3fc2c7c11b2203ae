package dev.sluice.worker.process;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.RunningJob.Stage;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Tracks the calls of one job, with or without a journal: its assignment always knows whether a
 * call is running, and no call starts that cannot end before the partition is given up. Confined to
 * the job's thread.
 */
final class TrackedCalls implements CallJournal {
    private final CallJournal journal;
    private final RunningJob job;
    private final Consumer<Call> log;

    /**
     * @param log receives each ended call
     */
    TrackedCalls(CallJournal journal, RunningJob job, Consumer<Call> log) {
        this.journal = journal;
        this.job = job;
        this.log = log;
    }

    @Override
    public int callsBefore() {
        return journal.callsBefore();
    }

    @Override
    public Cost costBefore() {
        return journal.costBefore();
    }

    @Override
    public void releaseSlot() {
        journal.releaseSlot();
        job.at(Stage.CLEARANCE);
    }

    @Override
    public void acquireSlot() throws InterruptedException {
        job.at(Stage.ISOLATION);
        journal.acquireSlot();
        job.at(Stage.WORKING);
        if (Thread.interrupted()) {
            throw new InterruptedException(
                    "the job is cancelled: its partition moves to another worker");
        }
    }

    @Override
    public boolean starting(Call ifLost) throws InterruptedException {
        Duration timeout = ifLost.deployment().endpoint().timeout();
        job.starting(timeout);
        boolean recorded = journal.starting(ifLost);
        if (recorded) {
            callOrWithdraw(ifLost);
        }
        return recorded;
    }

    private void callOrWithdraw(Call ifLost) throws InterruptedException {
        try {
            job.calling();
        } catch (InterruptedException e) {
            journal.withdrawn(ifLost);
            throw e;
        }
    }

    @Override
    public void withdrawn(Call call) {
        journal.withdrawn(call);
        job.at(Stage.WORKING);
    }

    @Override
    public void ended(Call call) {
        journal.ended(call);
        log.accept(call);
        job.called(call.cost().compareTo(Cost.ZERO) > 0);
    }
}
