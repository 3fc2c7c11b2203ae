package dev.sluice.analysis.failure;

import java.io.Serial;

/**
 * Copy of an exception for the log: its class name and stack trace without its message, which may
 * quote content or a key. Causes are copied the same way.
 */
public final class RedactedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private RedactedException(Throwable bug) {
        super(bug.getClass().getName());
        setStackTrace(bug.getStackTrace());
    }

    public static RedactedException of(Throwable bug) {
        RedactedException redacted = new RedactedException(bug);
        if (bug.getCause() != null) {
            var _ = redacted.initCause(of(bug.getCause()));
        }
        return redacted;
    }
}
