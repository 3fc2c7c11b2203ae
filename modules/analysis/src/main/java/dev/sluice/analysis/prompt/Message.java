package dev.sluice.analysis.prompt;

/** One message of a conversation with a model. */
public record Message(Role role, String text) {
    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }
}
