package dev.sluice.analysis.recording;

import java.io.Serial;

/**
 * A replay was asked for what was not recorded. The message names the nearest recording and the
 * difference.
 */
public final class MissingRecordingException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    MissingRecordingException(String message) {
        super(message);
    }
}
