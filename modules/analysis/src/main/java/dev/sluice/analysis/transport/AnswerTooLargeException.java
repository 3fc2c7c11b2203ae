package dev.sluice.analysis.transport;

import java.io.IOException;

/** The answer is longer than any that can be meant. */
public final class AnswerTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    public AnswerTooLargeException(long limit) {
        super("the answer is longer than " + limit + " bytes");
    }

    /** All answers under way are. */
    AnswerTooLargeException() {
        super("the answers under way take too much memory together");
    }
}
