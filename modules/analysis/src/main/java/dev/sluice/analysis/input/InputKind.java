package dev.sluice.analysis.input;

/** Kind of content. */
public enum InputKind {
    /** Plain text, shown to the model without reduction. */
    TEXT,
    /** A web page, reduced by {@link HtmlReducer} first. */
    HTML
}
