package dev.sluice.analysis.model;

import dev.sluice.analysis.prompt.Message;
import dev.sluice.analysis.prompt.Texts;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call to a model.
 *
 * @param schemaName name under which the provider is told the output's schema
 * @param schema the output's JSON Schema, whole
 * @param maxOutputTokens where the provider is to stop
 */
public record ModelRequest(
        List<Message> messages,
        String schemaName,
        ObjectNode schema,
        int maxOutputTokens,
        Optional<Double> temperature) {

    /** Tokens the provider adds for roles, separators and the schema's framing, generously. */
    private static final int FRAMING_TOKENS = 256;

    public ModelRequest {
        messages = List.copyOf(messages);
    }

    /**
     * The most input tokens this call can have: a byte-level tokenizer never makes more tokens than
     * the text has bytes.
     */
    public long maxInputTokens() {
        long bytes = Texts.bytes(schema.toString()) + (long) FRAMING_TOKENS;
        for (Message message : messages) {
            bytes += Texts.bytes(message.text());
        }
        return bytes;
    }
}
