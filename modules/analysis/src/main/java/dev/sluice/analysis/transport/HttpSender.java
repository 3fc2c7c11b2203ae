package dev.sluice.analysis.transport;

import java.io.IOException;

/** Sends HTTP calls. Safe for use by many threads. */
@FunctionalInterface
public interface HttpSender {
    /**
     * Sends a call and waits for its complete answer.
     *
     * @throws NotSentException if no byte of it was sent
     * @throws java.net.SocketTimeoutException if there was no complete answer in time
     * @throws IOException if the connection was lost or the answer was too large
     * @throws InterruptedException if the thread was interrupted; the call is cancelled
     */
    HttpReply send(HttpCall call) throws IOException, InterruptedException;
}
