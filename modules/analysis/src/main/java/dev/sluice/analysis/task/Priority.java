package dev.sluice.analysis.task;

/** Who goes first where analyses wait for the same model. */
public enum Priority {
    /** Somebody waits for it. */
    INTERACTIVE,
    /** Takes what the others leave, but a tenth at least. */
    BULK
}
