package dev.sluice.analysis.transport;

import java.time.Duration;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.MultiplexConnectionPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one server. Those without a call are closed after a while, and those of HTTP/2
 * that owe answers are asked for a sign of life.
 */
final class ServerConnections extends AbstractConnectionPool {
    /** How often it is looked for them in that while. */
    private static final int LOOKS = 4;

    /** After this part of it a connection that owes answers is asked for a sign of life. */
    private static final int SILENT = 2;

    /** After it a server's name is looked up again: it may have moved. */
    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    /** Whoever calls bounds their number; ports run out before. */
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

    /** It gave no answer, and may never give one: it gets no further call. */
    void retire(Connection connection) {
        pool.retire(connection);
    }

    /** It failed before it gave any answer. */
    void failed(Connection connection) {
        pool.failed(connection);
    }

    /** One that is dead gets no further call; those that it carries end with their timeouts. */
    private void ask(Connection silent) {
        switch (pings.look(silent)) {
            case ALIVE -> pool.heard(silent);
            case DEAD -> pool.retire(silent);
            case NONE -> {}
        }
    }

    private void lookAgain() {
        look = scheduler.schedule(this::closeUnused, idle.dividedBy(LOOKS));
    }

    private void closeUnused() {
        long now = System.nanoTime();
        pool.removeUnusedSince(now - idle.toNanos()).forEach(Connection::close);
        pool.silentSince(now - idle.dividedBy(SILENT).toNanos()).forEach(this::ask);
        if (isRunning() || isStarting()) {
            lookAgain();
        }
    }
}
