package dev.sluice.analysis.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Shared memory limit of all answers in flight, in bytes. Safe for use by many threads. */
final class AnswerMemory {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    AnswerMemory(long limit) {
        this.limit = limit;
    }

    /** A limit of a quarter of the heap, and at least a few full answers. */
    static AnswerMemory ofThisProcess() {
        return new AnswerMemory(
                Math.max(4L * Transport.MAX_ANSWER_BYTES, Runtime.getRuntime().maxMemory() / 4));
    }

    /** Takes the bytes if they fit; returns whether they did. */
    boolean take(long bytes) {
        if (taken.addAndGet(bytes) > limit) {
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
