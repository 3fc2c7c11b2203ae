package dev.sluice.analysis.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of all answers under way together. Safe for use by many threads. */
final class AnswerMemory {
    private final long most;
    private final AtomicLong taken = new AtomicLong();

    AnswerMemory(long most) {
        this.most = most;
    }

    /** A quarter of the heap, and no less than a few whole answers. */
    static AnswerMemory ofThisProcess() {
        return new AnswerMemory(
                Math.max(4L * Transport.MAX_ANSWER_BYTES, Runtime.getRuntime().maxMemory() / 4));
    }

    /** Takes bytes, unless that would be too many. */
    boolean take(long bytes) {
        if (taken.addAndGet(bytes) > most) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    long taken() {
        return taken.get();
    }
}
