package dev.sluice.simulator;

import dev.sluice.simulator.Dialect.Reply;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of an answer, which faults may change.
 *
 * @param json the whole body
 * @param reply the model's reply and its charged tokens
 */
record Envelope(ObjectNode json, Reply reply) {
    boolean isOpenAi() {
        return json.has("choices");
    }

    ObjectNode usage() {
        return object(json.path("usage"));
    }

    /** The only choice, in OpenAI's interface. */
    ObjectNode choice() {
        return object(json.path("choices").path(0));
    }

    /** The choice's message. */
    ObjectNode message() {
        return object(choice().path("message"));
    }

    /** The content blocks, in Anthropic's interface. */
    ArrayNode blocks() {
        if (json.path("content") instanceof ArrayNode blocks) {
            return blocks;
        }
        throw new IllegalStateException("no content blocks in " + json);
    }

    /** Sets the finish reason. */
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
