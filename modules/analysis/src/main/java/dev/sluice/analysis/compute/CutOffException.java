package dev.sluice.analysis.compute;

/** A computation took more time than it has, or nobody waits for it any more. */
public final class CutOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CutOffException(String message) {
        super(message);
    }
}
