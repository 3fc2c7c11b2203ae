package dev.sluice.analysis.call;

import dev.sluice.analysis.price.Cost;

/**
 * Where the calls of one job are put on record while they are made, so that none is forgotten when
 * the process dies, and what earlier executions of the job have put there. Used by the job's
 * thread.
 */
public interface CallJournal {
    /** For analyses whose calls nobody needs to know of after the process has died. */
    CallJournal NONE =
            new CallJournal() {
                @Override
                public int callsBefore() {
                    return 0;
                }

                @Override
                public Cost costBefore() {
                    return Cost.ZERO;
                }

                @Override
                public void releaseSlot() {}

                @Override
                public void acquireSlot() {}

                @Override
                public boolean starting(Call ifLost) {
                    return true;
                }

                @Override
                public void withdrawn(Call call) {}

                @Override
                public void ended(Call call) {}
            };

    /** How many calls earlier executions of the job have made. */
    int callsBefore();

    /** What those calls cost, the ones whose answers were lost at their worst case. */
    Cost costBefore();

    /** The job only waits now, and other jobs may work without it. */
    void releaseSlot();

    /** Returns when the job may go on beside others. */
    void acquireSlot() throws InterruptedException;

    /**
     * Puts on record that a call is about to be sent, and waits until it is.
     *
     * @param ifLost the call as it is booked if nobody ever learns how it ended
     * @return false if nobody knows whether it is on record: it must not be sent under this id
     * @throws InterruptedException if the job is cancelled: the call must not be sent
     */
    boolean starting(Call ifLost) throws InterruptedException;

    /** A call that was starting is not sent after all. Does not wait. */
    void withdrawn(Call call);

    /** A call that was starting ended. Does not wait. */
    void ended(Call call);
}
