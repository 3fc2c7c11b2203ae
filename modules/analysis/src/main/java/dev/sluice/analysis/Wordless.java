package dev.sluice.analysis;

import java.io.Serial;

/**
 * A bug as it may be logged: where it happened and what kind it is, without its message, which may
 * quote content or a key.
 */
final class Wordless extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private Wordless(Throwable bug) {
        super(bug.getClass().getName());
        setStackTrace(bug.getStackTrace());
    }

    static Wordless of(Throwable bug) {
        Wordless wordless = new Wordless(bug);
        if (bug.getCause() != null) {
            var _ = wordless.initCause(of(bug.getCause()));
        }
        return wordless;
    }
}
