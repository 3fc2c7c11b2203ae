package dev.sluice.analysis.provider;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Assembles an answer from server-sent events, which some gateways send although no stream was
 * requested. Supports OpenAI's chunks only.
 */
final class EventStream {
    private EventStream() {}

    /** Whether a body is a stream of events. */
    static boolean is(byte[] body) {
        String start =
                new String(body, 0, Math.min(body.length, 64), StandardCharsets.UTF_8)
                        .stripLeading();
        return start.startsWith("data:") || start.startsWith("event:") || start.startsWith(": ");
    }

    /**
     * The answer in the form of one that was not streamed; empty if chunks are missing or
     * unreadable.
     */
    static Optional<JsonNode> whole(byte[] body) {
        StringBuilder text = new StringBuilder();
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        String finish = "";
        for (String line : new String(body, StandardCharsets.UTF_8).lines().toList()) {
            String data = line.startsWith("data:") ? line.substring(5).strip() : "";
            if (data.isEmpty() || data.equals("[DONE]")) {
                continue;
            }
            JsonNode chunk;
            try {
                chunk = Envelope.read(data.getBytes(StandardCharsets.UTF_8));
            } catch (JacksonException e) {
                return Optional.empty();
            }
            if (!chunk.path("choices").isArray()) {
                return ProviderError.in(chunk).isPresent()
                        ? Optional.of(broken(answer, chunk, text.toString()))
                        : Optional.empty();
            }
            JsonNode choice = chunk.path("choices").path(0);
            text.append(AnswerFields.text(choice.path("delta"), "content"));
            String reason = AnswerFields.text(choice, "finish_reason");
            finish = reason.isEmpty() ? finish : reason;
            for (String field : new String[] {"id", "model", "service_tier", "usage"}) {
                if (chunk.has(field) && !chunk.path(field).isNull()) {
                    answer.set(field, chunk.path(field));
                }
            }
        }
        if (finish.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode choice = answer.putArray("choices").addObject().put("finish_reason", finish);
        choice.putObject("message").put("content", text.toString());
        return Optional.of(answer);
    }

    /** An answer with the error that ended the stream and the text before it. */
    private static JsonNode broken(ObjectNode answer, JsonNode chunk, String text) {
        ObjectNode choice = answer.putArray("choices").addObject();
        JsonNode error = chunk.path("error");
        choice.set("error", error.isObject() ? error : answer.objectNode().set("message", error));
        choice.putObject("message").put("content", text);
        return answer;
    }
}
