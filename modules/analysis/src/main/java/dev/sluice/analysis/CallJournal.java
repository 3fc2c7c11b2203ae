package dev.sluice.analysis;

import dev.sluice.analysis.price.Cost;

/**
 * Where the calls of one job are put on record while they are made, so that none is forgotten when
 * the process dies, and what earlier lives of the job have put there. Used by the job's thread.
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
                public void enter() {}

                @Override
                public void leave() {}

                @Override
                public void starting(Call ifLost) {}

                @Override
                public void withdrawn(Call call) {}

                @Override
                public void ended(Call call) {}
            };

    /** How many calls earlier lives of the job have made. */
    int callsBefore();

    /** What those calls cost, the ones whose answers were lost at their worst case. */
    Cost costBefore();

    /**
     * Returns when a call of this job may be made beside those of other jobs; {@link #leave} must
     * follow.
     */
    void enter() throws InterruptedException;

    /** The job makes no call for now. */
    void leave();

    /**
     * Returns once it is on record that a call is about to be sent.
     *
     * @param ifLost the call as it is booked if nobody ever learns how it ended
     * @throws InterruptedException if the job is cancelled: the call must not be sent
     */
    void starting(Call ifLost) throws InterruptedException;

    /** A call that was starting is not sent after all. Does not wait. */
    void withdrawn(Call call);

    /** A call that was starting ended. Does not wait. */
    void ended(Call call);
}
