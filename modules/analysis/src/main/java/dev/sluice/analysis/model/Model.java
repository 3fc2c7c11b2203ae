package dev.sluice.analysis.model;

import java.util.UUID;

/** Language model behind a provider's API. Safe for use by many threads. */
public interface Model {
    /** Header with the call's id; OpenAI keeps it for its support. */
    String CALL_ID_HEADER = "X-Client-Request-Id";

    /**
     * Makes exactly one call, without retries. Every behaviour of the provider or the network is
     * returned as a {@link ModelReply}.
     *
     * @param callId sent to the provider, so that a call whose answer was lost can be found in the
     *     provider's logs
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    CallResult ask(ModelRequest request, UUID callId) throws InterruptedException;
}
