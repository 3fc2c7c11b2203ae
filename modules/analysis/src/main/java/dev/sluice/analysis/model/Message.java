package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;

/**
 * One message of a conversation with a model.
 *
 * @param maxTokens the most that a model can make of the text
 */
public record Message(Role role, String text, long maxTokens) {
    /**
     * Nothing is known of its tokens: a byte-level tokenizer makes no more than there are bytes.
     */
    public Message(Role role, String text) {
        this(role, text, Texts.bytes(text));
    }

    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }
}
