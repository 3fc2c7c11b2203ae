package dev.sluice.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * An HTTP answer and how long it takes.
 *
 * @param sent runs when it goes out
 */
record ChatAnswer(
        int status, JsonNode body, Map<String, String> headers, Duration delay, Runnable sent) {
    ChatAnswer(int status, JsonNode body) {
        this(status, body, Map.of(), Duration.ZERO, () -> {});
    }

    ChatAnswer after(Duration newDelay) {
        return new ChatAnswer(status, body, headers, newDelay, sent);
    }

    ChatAnswer with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(headers);
        all.putAll(more);
        return new ChatAnswer(status, body, all, delay, sent);
    }

    ChatAnswer whenSent(Runnable action) {
        return new ChatAnswer(status, body, headers, delay, action);
    }
}
