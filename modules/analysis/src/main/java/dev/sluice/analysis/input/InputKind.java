package dev.sluice.analysis.input;

/** What the content of a request is. */
public enum InputKind {
    /** Shown to the model as it is. */
    TEXT,
    /** Reduced to what matters first. */
    HTML
}
