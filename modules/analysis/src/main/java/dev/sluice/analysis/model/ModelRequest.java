package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;
import java.util.List;

/** Request of one call to a model: the conversation so far and the specification of the answer. */
public record ModelRequest(List<Message> messages, AnswerSpec answer) {

    /**
     * Generous bound of the tokens the provider adds for roles, separators, tools and the schema.
     */
    private static final int FRAMING_TOKENS = 1_024;

    public ModelRequest {
        messages = List.copyOf(messages);
    }

    /** Name of the analysis. */
    public String analysis() {
        return answer.analysis();
    }

    /** Limit of output tokens. */
    public int maxOutputTokens() {
        return answer.maxOutputTokens();
    }

    /** Upper bound of the call's input tokens. */
    public long maxInputTokens() {
        long tokens = answer.maxSchemaTokens() + FRAMING_TOKENS;
        for (Message message : messages) {
            tokens += message.maxTokens();
        }
        return tokens;
    }

    /** Size of messages and schema in UTF-8 bytes. */
    public long inputBytes() {
        long bytes = answer.schemaBytes();
        for (Message message : messages) {
            bytes += Texts.bytes(message.text());
        }
        return bytes;
    }
}
