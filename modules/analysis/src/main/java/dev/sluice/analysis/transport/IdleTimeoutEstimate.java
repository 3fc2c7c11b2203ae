package dev.sluice.analysis.transport;

import java.time.Duration;

/**
 * How long a server keeps idle connections, as far as was learned: one that forgets them resets
 * what is sent on them. Not safe for use by several threads.
 */
final class IdleTimeoutEstimate {
    /** No server forgets sooner; where one restarts, all connections fail. */
    private static final Duration SHORTEST_IDLE = Duration.ofMillis(200);

    /** A forgotten connection is reset as soon as something is sent on it. */
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private static final long LEAST_MORE = Duration.ofMillis(1).toNanos();

    /** So long after its last call a connection may be used again. */
    private long nanos = Long.MAX_VALUE;

    /** Whether a connection that has been idle for so long may be used again. */
    boolean allows(long idleNanos) {
        return idleNanos <= nanos;
    }

    /**
     * A connection that was used again failed without an answer.
     *
     * @param idleNanos how long it had been idle
     * @param tookNanos from sending on it to the failure
     */
    void failed(long idleNanos, long tookNanos) {
        if (idleNanos > SHORTEST_IDLE.toNanos() && tookNanos < AT_ONCE.toNanos()) {
            nanos = Math.min(nanos, idleNanos / 2);
        }
    }

    /** What was learned is forgotten slowly, look by look: the server may have changed. */
    void fade() {
        long more = Math.max(LEAST_MORE, nanos / 8);
        nanos = nanos > Long.MAX_VALUE - more ? Long.MAX_VALUE : nanos + more;
    }
}
