package dev.sluice.simulator;

import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An HTTP answer and how long it takes. */
record ChatAnswer(int status, JsonNode body, Map<String, String> headers, Duration delay) {
    ChatAnswer(int status, JsonNode body) {
        this(status, body, Map.of(), Duration.ZERO);
    }

    /** An error in OpenAI's form. */
    static ChatAnswer error(int status, String code, String message) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", "simulated_error")
                .put("code", code)
                .putNull("param");
        return new ChatAnswer(status, body);
    }

    ChatAnswer after(Duration newDelay) {
        return new ChatAnswer(status, body, headers, newDelay);
    }

    ChatAnswer with(String header, String value) {
        return new ChatAnswer(status, body, Map.of(header, value), delay);
    }
}
