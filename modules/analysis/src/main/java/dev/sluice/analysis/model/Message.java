package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;

/**
 * One message of a conversation with a model.
 *
 * @param maxTokens upper bound of the text's tokens
 */
public record Message(Role role, String text, long maxTokens) {
    /**
     * A message whose tokens are bounded by its UTF-8 bytes: a byte-level tokenizer makes no more.
     */
    public Message(Role role, String text) {
        this(role, text, Texts.bytes(text));
    }

    /** Author of a message. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }
}
