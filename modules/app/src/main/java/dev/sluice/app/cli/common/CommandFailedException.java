package dev.sluice.app.cli.common;

import java.io.Serial;

/** Ends a command. The message names the problem and the fix. */
public final class CommandFailedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public CommandFailedException(String message) {
        super(message);
    }
}
