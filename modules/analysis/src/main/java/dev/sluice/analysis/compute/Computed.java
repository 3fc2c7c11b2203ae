package dev.sluice.analysis.compute;

/** What came of a computation. */
public sealed interface Computed<T> {
    /** It ended. */
    record Done<T>(T value) implements Computed<T> {}

    /**
     * It was cut off.
     *
     * @param reason in words; never content
     */
    record Stopped<T>(String reason) implements Computed<T> {}
}
