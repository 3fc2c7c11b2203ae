package dev.sluice.analysis.transport;

import java.time.Duration;

/**
 * The calls of one connection and their times. All times are {@link System#nanoTime}. Not safe for
 * use by several threads: the connection pool's lock guards it.
 */
final class ConnectionUse {
    /**
     * Time without an answer, while answers are due, after which a connection gets no further call.
     */
    private static final Duration SILENT = Duration.ofSeconds(20);

    private final long madeAt = System.nanoTime();

    /** When the connection was opened, or when its last call ended. */
    private long unusedFrom = madeAt;

    /** When the connection last answered, or when its first open call started. */
    private long lastAnswerAt = madeAt;

    /** Idle time before the last call, in nanoseconds. */
    private long idleNanos;

    private long usedAt;
    private int calls;
    private int open;

    /** The connection was opened. */
    void opened(long now) {
        unusedFrom = now;
    }

    /** A call starts. */
    void begin(long now) {
        idleNanos = now - unusedFrom;
        usedAt = now;
        lastAnswerAt = open == 0 ? now : lastAnswerAt;
        calls++;
        open++;
    }

    /** A call has ended. */
    void end(long now) {
        open--;
        unusedFrom = now;
        lastAnswerAt = now;
    }

    /** The connection answered a ping. */
    void answered(long now) {
        lastAnswerAt = now;
    }

    /** Number of calls under way. */
    int open() {
        return open;
    }

    boolean isOlderThan(long nanos, long now) {
        return now - madeAt > nanos;
    }

    /** Whether it has had no call since that time. */
    boolean isUnusedSince(long since) {
        return open == 0 && unusedFrom - since < 0;
    }

    /** Whether it has calls and no answer since that time. */
    boolean isSilentSince(long since) {
        return open > 0 && lastAnswerAt - since < 0;
    }

    /** Whether its answers are late. */
    boolean isLate(long now) {
        return isSilentSince(now - SILENT.toNanos());
    }

    /** Whether it has had calls, has none now, and has been idle too long to be used again. */
    boolean isStale(IdleTimeoutEstimate timeout, long now) {
        return open == 0 && calls > 0 && !timeout.allows(now - unusedFrom);
    }

    /** Records a failure before any answer, if the connection was reused for its only call. */
    void failed(IdleTimeoutEstimate timeout, long now) {
        if (open <= 1 && calls > 1) {
            timeout.failed(idleNanos, now - usedAt);
        }
    }
}
