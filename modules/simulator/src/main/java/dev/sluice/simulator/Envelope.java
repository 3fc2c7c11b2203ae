package dev.sluice.simulator;

import dev.sluice.simulator.Dialect.Reply;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer as its interface writes it, open to changes.
 *
 * @param json the whole body
 * @param reply what the model said and what is charged
 */
record Envelope(ObjectNode json, Reply reply) {
    boolean isOpenAi() {
        return json.has("choices");
    }

    ObjectNode usage() {
        return object(json.path("usage"));
    }

    /** The only choice of OpenAI's interface. */
    ObjectNode choice() {
        return object(json.path("choices").path(0));
    }

    /** Its message. */
    ObjectNode message() {
        return object(choice().path("message"));
    }

    /** The content blocks of Anthropic's interface. */
    ArrayNode blocks() {
        if (json.path("content") instanceof ArrayNode blocks) {
            return blocks;
        }
        throw new IllegalStateException("no content blocks in " + json);
    }

    /** Says why the model stopped. */
    void finish(String reason) {
        if (isOpenAi()) {
            choice().put("finish_reason", reason);
        } else {
            json.put("stop_reason", reason);
        }
    }

    private static ObjectNode object(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalStateException("no object: " + node);
    }
}
