package dev.sluice.analysis.task;

/** Priority of an analysis in the queue of a model. */
public enum Priority {
    /** A caller waits for the result. */
    INTERACTIVE,
    /** Uses the capacity that interactive analyses leave, and at least a tenth. */
    BULK
}
