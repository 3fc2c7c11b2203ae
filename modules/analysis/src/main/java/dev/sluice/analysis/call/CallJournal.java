package dev.sluice.analysis.call;

import dev.sluice.analysis.price.Cost;

/**
 * Journal of the calls of one job. Each call is recorded before it is sent, so that none is
 * forgotten if the worker crashes. The journal also reports the calls of earlier executions of the
 * job. Used by the job's thread.
 */
public interface CallJournal {
    /** A journal that records nothing, for analyses whose calls need not survive a crash. */
    CallJournal NONE = new NoJournal();

    /** Number of calls of earlier executions of the job. */
    int callsBefore();

    /** Cost of those calls; calls whose answers were lost count at their worst case. */
    Cost costBefore();

    /** Releases the job's slot while the job only waits. */
    void releaseSlot();

    /** Waits until the job has a slot again. */
    void acquireSlot() throws InterruptedException;

    /**
     * Records that a call is about to be sent, and waits until that is recorded.
     *
     * @param ifLost the call as it is booked if its result is never known
     * @return false if it is not certain that the call is recorded; it must not be sent under this
     *     id
     * @throws InterruptedException if the job is cancelled; the call must not be sent
     */
    boolean starting(Call ifLost) throws InterruptedException;

    /** Records that a call that was starting is not sent. Does not wait. */
    void withdrawn(Call call);

    /** Records the end of a call that was starting. Does not wait. */
    void ended(Call call);
}
