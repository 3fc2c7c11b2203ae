package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * An HTTP answer and the time until it is sent.
 *
 * @param sent runs when the answer is sent
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ChatAnswer(
        int status,
        String contentType,
        byte[] body,
        Map<String, String> headers,
        Duration delay,
        Runnable sent) {
    private static final String JSON = "application/json";

    ChatAnswer(int status, String contentType, String body) {
        this(
                status,
                contentType,
                body.getBytes(StandardCharsets.UTF_8),
                Map.of(),
                Duration.ZERO,
                () -> {});
    }

    ChatAnswer(int status, JsonNode body) {
        this(status, JSON, body.toString());
    }

    /** An answer without a body. */
    static ChatAnswer empty(int status) {
        return new ChatAnswer(status, "", "");
    }

    static ChatAnswer html(int status, String title) {
        return new ChatAnswer(
                status,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>"
                        + title
                        + "</title></head><body><h1>"
                        + title
                        + "</h1></body></html>");
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    ChatAnswer saying(String newText) {
        return saying(contentType, newText.getBytes(StandardCharsets.UTF_8));
    }

    ChatAnswer saying(String newContentType, byte[] newBody) {
        return new ChatAnswer(status, newContentType, newBody, headers, delay, sent);
    }

    ChatAnswer as(int newStatus) {
        return new ChatAnswer(newStatus, contentType, body, headers, delay, sent);
    }

    ChatAnswer after(Duration newDelay) {
        return new ChatAnswer(status, contentType, body, headers, newDelay, sent);
    }

    ChatAnswer with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(headers);
        all.putAll(more);
        return new ChatAnswer(status, contentType, body, all, delay, sent);
    }

    ChatAnswer whenSent(Runnable action) {
        return new ChatAnswer(status, contentType, body, headers, delay, action);
    }
}
