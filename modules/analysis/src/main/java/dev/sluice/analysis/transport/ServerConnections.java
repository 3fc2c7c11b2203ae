package dev.sluice.analysis.transport;

import java.time.Duration;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.MultiplexConnectionPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one server. Idle connections are closed after a while, and HTTP/2 connections that
 * wait for answers are pinged.
 */
final class ServerConnections extends AbstractConnectionPool {
    /** Number of checks for idle connections within the idle time. */
    private static final int LOOKS = 4;

    /** Divisor of the idle time: a connection without an answer for that part of it is pinged. */
    private static final int SILENT = 2;

    /**
     * Age after which a connection is replaced, so that the server's name is looked up again: the
     * server may have moved.
     */
    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    /** Most connections. Callers limit their number, and local ports run out first. */
    static final int MAX = 60_000;

    private final IdleConnections<Connection> pool;
    private final Pings pings = new Pings();
    private final Scheduler scheduler;
    private final Duration idle;
    private volatile Scheduler.@Nullable Task look;

    ServerConnections(Destination destination, Duration idle) {
        this(
                destination,
                idle,
                new IdleConnections<>(MAX, MultiplexConnectionPool.newMaxMultiplexer(1), MAX_AGE));
    }

    private ServerConnections(
            Destination destination, Duration idle, IdleConnections<Connection> pool) {
        super(destination, () -> pool, 1);
        this.pool = pool;
        this.idle = idle;
        this.scheduler = destination.getHttpClient().getScheduler();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        lookAgain();
    }

    @Override
    protected void doStop() throws Exception {
        Scheduler.Task next = look;
        if (next != null) {
            boolean _ = next.cancel();
        }
        super.doStop();
    }

    /** Gives a connection without an answer no further calls, because it may never answer. */
    void retire(Connection connection) {
        pool.retire(connection);
    }

    /** Reports a connection that failed before any answer. */
    void failed(Connection connection) {
        pool.failed(connection);
    }

    /**
     * Pings a silent connection. A dead connection gets no further calls; its calls end with their
     * timeouts.
     */
    private void ask(Connection silent) {
        switch (pings.look(silent)) {
            case ALIVE -> pool.markAlive(silent);
            case DEAD -> pool.retire(silent);
            case NONE -> {}
        }
    }

    private void lookAgain() {
        look = scheduler.schedule(this::closeUnused, idle.dividedBy(LOOKS));
    }

    private void closeUnused() {
        try {
            long now = System.nanoTime();
            pool.removeUnusedSince(now - idle.toNanos()).forEach(Connection::close);
            pool.silentSince(now - idle.dividedBy(SILENT).toNanos()).forEach(this::ask);
        } finally {
            if (isRunning() || isStarting()) {
                lookAgain();
            }
        }
    }
}
