package dev.sluice.simulator;

import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** An HTTP answer and how long it takes. */
record ChatAnswer(int status, JsonNode body, Map<String, String> headers, Duration delay) {
    ChatAnswer(int status, JsonNode body) {
        this(status, body, Map.of(), Duration.ZERO);
    }

    ChatAnswer after(Duration newDelay) {
        return new ChatAnswer(status, body, headers, newDelay);
    }

    ChatAnswer with(String header, String value) {
        return new ChatAnswer(status, body, Map.of(header, value), delay);
    }
}
