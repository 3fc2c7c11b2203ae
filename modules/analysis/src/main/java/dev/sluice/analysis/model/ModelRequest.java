package dev.sluice.analysis.model;

import dev.sluice.analysis.prompt.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call to a model.
 *
 * @param analysis its name; the provider is told the schema under it
 * @param schema the output's JSON Schema, whole
 * @param maxOutputTokens where the provider is to stop
 */
public record ModelRequest(
        List<Message> messages,
        String analysis,
        ObjectNode schema,
        int maxOutputTokens,
        Optional<Double> temperature) {

    /** Tokens the provider adds for roles, separators, tools and the schema, generously. */
    private static final int FRAMING_TOKENS = 1_024;

    public ModelRequest {
        messages = List.copyOf(messages);
    }

    /**
     * The most input tokens this call can have: a byte-level tokenizer never makes more tokens than
     * the text has bytes.
     */
    public long maxInputTokens() {
        return inputBytes() + FRAMING_TOKENS;
    }

    /** Messages and schema in UTF-8. */
    public long inputBytes() {
        long bytes = bytes(schema.toString());
        for (Message message : messages) {
            bytes += bytes(message.text());
        }
        return bytes;
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
