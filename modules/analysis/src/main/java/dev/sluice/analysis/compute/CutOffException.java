package dev.sluice.analysis.compute;

/** A computation exceeded its time, or its caller no longer waits for it. */
public final class CutOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CutOffException(String message) {
        super(message);
    }
}
