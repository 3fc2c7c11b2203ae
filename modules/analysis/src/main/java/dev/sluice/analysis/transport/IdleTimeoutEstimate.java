package dev.sluice.analysis.transport;

import java.time.Duration;

/**
 * Estimate of the time for which a server keeps idle connections. It starts unlimited. When a
 * reused connection fails within one second of sending and had been idle for more than 200 ms, the
 * estimate becomes at most half that idle time. Each {@link #fade} then raises it by an eighth. Not
 * safe for use by several threads.
 */
final class IdleTimeoutEstimate {
    /**
     * Shortest idle time that counts. No server drops connections sooner; when a server restarts,
     * all connections fail.
     */
    private static final Duration SHORTEST_IDLE = Duration.ofMillis(200);

    /** Time within which a dropped connection fails after sending. */
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private static final long LEAST_MORE = Duration.ofMillis(1).toNanos();

    /** Longest idle time after which a connection may be reused, in nanoseconds. */
    private long nanos = Long.MAX_VALUE;

    /** Whether a connection with this idle time may be reused. */
    boolean allows(long idleNanos) {
        return idleNanos <= nanos;
    }

    /**
     * Learns from a reused connection that failed without an answer.
     *
     * @param idleNanos idle time before the call
     * @param tookNanos time from sending to the failure
     */
    void failed(long idleNanos, long tookNanos) {
        if (idleNanos > SHORTEST_IDLE.toNanos() && tookNanos < AT_ONCE.toNanos()) {
            nanos = Math.min(nanos, idleNanos / 2);
        }
    }

    /**
     * Raises the estimate a little, because the server may have changed. Called at each check of
     * the pool.
     */
    void fade() {
        long more = Math.max(LEAST_MORE, nanos / 8);
        nanos = nanos > Long.MAX_VALUE - more ? Long.MAX_VALUE : nanos + more;
    }
}
