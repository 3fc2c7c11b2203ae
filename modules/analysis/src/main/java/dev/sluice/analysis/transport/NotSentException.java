package dev.sluice.analysis.transport;

import java.io.IOException;

/** No byte of the call was sent, so it is neither executed nor charged. */
public final class NotSentException extends IOException {
    private static final long serialVersionUID = 1L;

    public NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
