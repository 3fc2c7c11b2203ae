package dev.sluice.simulator;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Translates between one provider's interface and the simulator's requests and replies. */
interface Dialect {
    /** Reads the body of a request. */
    ChatRequest read(ObjectNode body);

    /** Why a request is rejected regardless of its content; empty if it is accepted. */
    Optional<String> objection(ObjectNode body);

    /** Writes the body of an answer. */
    ObjectNode write(ChatRequest request, Reply reply);

    /** Headers with the rest of the token limit. */
    Map<String, String> limits(Quota.Standing standing, Instant now);

    /** An error answer. */
    ChatAnswer error(int status, String code, String message);

    /**
     * The model's reply.
     *
     * @param id unique
     */
    record Reply(String id, String text, Ending ending, Tokens tokens, Tier tier) {}

    /** Why the model stopped. */
    enum Ending {
        STOP,
        LENGTH,
        REFUSAL
    }
}
