package dev.sluice.analysis.transport;

import java.io.IOException;

/** An answer exceeds the size limit, or all answers together exceed the memory limit. */
public final class AnswerTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    public AnswerTooLargeException(long limit) {
        super("the answer is longer than " + limit + " bytes");
    }

    /** All answers in flight together are too large. */
    AnswerTooLargeException() {
        super("the answers in flight together take too much memory");
    }
}
