package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes an answer as server-sent events. */
final class EventStream {
    private EventStream() {}

    static byte[] of(Envelope envelope) {
        String events = envelope.isOpenAi() ? chunks(envelope) : messages(envelope);
        return events.getBytes(StandardCharsets.UTF_8);
    }

    /** OpenAI's chunks: the text in two parts, the finish reason, the usage, and the end. */
    private static String chunks(Envelope envelope) {
        String text = envelope.reply().text();
        int middle = middle(text);
        ObjectNode usage = envelope.json().deepCopy();
        usage.putArray("choices");
        return data(chunk(envelope, text.substring(0, middle)))
                + data(chunk(envelope, text.substring(middle)))
                + data(ended(envelope))
                + data(usage.put("object", "chat.completion.chunk"))
                + "data: [DONE]\n\n";
    }

    private static ObjectNode chunk(Envelope envelope, String text) {
        ObjectNode chunk = opened(envelope);
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("role", "assistant").put("content", text);
        choice.putNull("finish_reason");
        return chunk;
    }

    private static ObjectNode ended(Envelope envelope) {
        ObjectNode chunk = opened(envelope);
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta");
        choice.set("finish_reason", envelope.choice().path("finish_reason"));
        return chunk;
    }

    private static ObjectNode opened(Envelope envelope) {
        ObjectNode chunk = envelope.json().deepCopy();
        chunk.remove("usage");
        return chunk.put("object", "chat.completion.chunk");
    }

    /** Anthropic's events. */
    private static String messages(Envelope envelope) {
        ObjectNode start = event("message_start");
        ObjectNode message = envelope.json().deepCopy();
        message.putArray("content");
        message.putNull("stop_reason");
        start.set("message", message);
        StringBuilder events = new StringBuilder(named("message_start", start));
        for (int index = 0; index < envelope.blocks().size(); index++) {
            events.append(block(index, envelope.blocks().path(index)));
        }
        ObjectNode delta = event("message_delta");
        delta.putObject("delta").set("stop_reason", envelope.json().path("stop_reason"));
        delta.set("usage", envelope.usage());
        return events.append(named("message_delta", delta))
                .append(named("message_stop", event("message_stop")))
                .toString();
    }

    /** A content block: its empty start, its text, and its end. */
    private static String block(int index, JsonNode block) {
        ObjectNode start = event("content_block_start").put("index", index);
        ObjectNode delta = event("content_block_delta").put("index", index);
        ObjectNode empty = start.putObject("content_block").setAll((ObjectNode) block);
        ObjectNode said = delta.putObject("delta");
        switch (block.path("type").asString("")) {
            case "tool_use" -> {
                empty.putObject("input");
                said.put("type", "input_json_delta")
                        .put("partial_json", block.path("input").toString());
            }
            case "thinking" -> {
                empty.put("thinking", "");
                said.put("type", "thinking_delta").set("thinking", block.path("thinking"));
            }
            default -> {
                empty.put("text", "");
                said.put("type", "text_delta").set("text", block.path("text"));
            }
        }
        return named("content_block_start", start)
                + named("content_block_delta", delta)
                + named("content_block_stop", event("content_block_stop").put("index", index));
    }

    private static ObjectNode event(String type) {
        return JsonMapper.shared().createObjectNode().put("type", type);
    }

    private static String named(String name, ObjectNode event) {
        return "event: " + name + "\n" + data(event);
    }

    private static String data(ObjectNode event) {
        return "data: " + event + "\n\n";
    }

    private static int middle(String text) {
        return text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
    }
}
