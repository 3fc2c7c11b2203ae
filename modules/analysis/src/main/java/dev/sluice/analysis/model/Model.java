package dev.sluice.analysis.model;

import java.util.UUID;

/** A language model behind some provider's API. Safe for use by many threads. */
public interface Model {
    /** Header that carries a call's id; OpenAI keeps it for its support. */
    String CALL_ID_HEADER = "X-Client-Request-Id";

    /**
     * Makes exactly one call, without retries of its own, and says what came of it. Whatever the
     * provider or the network does is a {@link ModelReply}.
     *
     * @param callId shown to the provider, so that a call whose answer was lost can be found in its
     *     records
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    CallResult ask(ModelRequest request, UUID callId) throws InterruptedException;
}
