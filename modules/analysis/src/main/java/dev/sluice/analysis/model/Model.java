package dev.sluice.analysis.model;

/** A language model behind some provider's API. Safe for use by many threads. */
public interface Model {
    /**
     * Makes exactly one call, without retries of its own, and says what came of it. Whatever the
     * provider or the network does is a {@link ModelReply}.
     *
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    ModelReply ask(ModelRequest request) throws InterruptedException;
}
