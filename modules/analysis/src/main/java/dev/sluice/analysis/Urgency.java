package dev.sluice.analysis;

/** Who goes first where analyses wait for the same model. */
public enum Urgency {
    /** Somebody waits for it. */
    INTERACTIVE,
    /** Takes what the others leave, but a tenth at least. */
    BULK
}
