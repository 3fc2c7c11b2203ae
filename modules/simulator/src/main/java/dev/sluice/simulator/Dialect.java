package dev.sluice.simulator;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** How one provider's interface puts what is asked and what is answered. */
interface Dialect {
    /** What the body of a request asks. */
    ChatRequest read(ObjectNode body);

    /** Why a request is refused whatever it asks, if it is. */
    Optional<String> objection(ObjectNode body);

    /** The body of an answer. */
    ObjectNode write(ChatRequest request, Reply reply);

    /** Headers that say what is left of the limit of tokens. */
    Map<String, String> limits(Quota.Standing standing, Instant now);

    /** An answer that says why there is none. */
    ChatAnswer error(int status, String code, String message);

    /**
     * What the model replied.
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
