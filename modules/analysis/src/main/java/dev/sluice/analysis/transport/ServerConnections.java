package dev.sluice.analysis.transport;

import java.time.Duration;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.MultiplexConnectionPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** The connections to one server. Those without a call are closed after a while. */
final class ServerConnections extends AbstractConnectionPool {
    /** How often it is looked for them in that while. */
    private static final int LOOKS = 4;

    /** After it a server's name is looked up again: it may have moved. */
    private static final Duration MAX_AGE = Duration.ofMinutes(5);

    /** Whoever calls bounds their number; ports run out before. */
    static final int MAX = 60_000;

    private final IdleConnections<Connection> pool;
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

    private void lookAgain() {
        look = scheduler.schedule(this::closeUnused, idle.dividedBy(LOOKS));
    }

    private void closeUnused() {
        pool.removeUnusedSince(System.nanoTime() - idle.toNanos()).forEach(Connection::close);
        if (isRunning() || isStarting()) {
            lookAgain();
        }
    }
}
