package dev.sluice.analysis.transport;

import java.io.IOException;

/** No byte of the call was sent: nobody carries it out, nobody charges for it. */
public final class NotSentException extends IOException {
    private static final long serialVersionUID = 1L;

    public NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
