package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;
import java.util.List;

/** One call to a model: the conversation so far, and which answer is asked for. */
public record ModelRequest(List<Message> messages, AnswerSpec answer) {

    /** Tokens the provider adds for roles, separators, tools and the schema, generously. */
    private static final int FRAMING_TOKENS = 1_024;

    public ModelRequest {
        messages = List.copyOf(messages);
    }

    /** Name of the analysis. */
    public String analysis() {
        return answer.analysis();
    }

    /** Where the provider is to stop. */
    public int maxOutputTokens() {
        return answer.maxOutputTokens();
    }

    /** The most input tokens this call can have. */
    public long maxInputTokens() {
        long tokens = answer.maxSchemaTokens() + FRAMING_TOKENS;
        for (Message message : messages) {
            tokens += message.maxTokens();
        }
        return tokens;
    }

    /** Messages and schema in UTF-8. */
    public long inputBytes() {
        long bytes = answer.schemaBytes();
        for (Message message : messages) {
            bytes += Texts.bytes(message.text());
        }
        return bytes;
    }
}
