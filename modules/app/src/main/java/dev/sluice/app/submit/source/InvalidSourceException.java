package dev.sluice.app.submit.source;

import java.io.Serial;

/** A source that cannot be read as it was meant. The message names the fix. */
public final class InvalidSourceException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public InvalidSourceException(String message) {
        super(message);
    }
}
