package dev.sluice.analysis.compute;

/** Result of a computation. */
public sealed interface Computed<T> {
    /** The computation ended with a value. */
    record Done<T>(T value) implements Computed<T> {}

    /**
     * The computation was cut off.
     *
     * @param reason description; never contains content
     */
    record Stopped<T>(String reason) implements Computed<T> {}
}
