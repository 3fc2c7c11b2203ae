package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeRecord;
import java.io.IOException;

/** Learns how a submission goes on. Always called by the thread that runs it. */
public interface SubmitListener {
    /** Publishing waits, for the reason in words. */
    void waits(String why);

    /** So many requests were sent. */
    void sent(long count);

    /**
     * A request has its outcome.
     *
     * @param index place of the request in the submission, from 0
     * @param isEarlier whether it ended before this submission, which did not send it then
     */
    void outcome(int index, OutcomeRecord outcome, boolean isEarlier) throws IOException;

    /** So many requests have no outcome yet. */
    void pending(int count);
}
