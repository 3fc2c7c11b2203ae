package dev.sluice.analysis.transport;

import java.io.IOException;

/** The answer uses a compression that was not requested, or is damaged. */
public final class UnknownEncodingException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownEncodingException(String encoding, Throwable cause) {
        super("content-encoding '" + encoding + "'", cause);
    }

    UnknownEncodingException(String encoding) {
        super("content-encoding '" + encoding + "' was not requested");
    }
}
