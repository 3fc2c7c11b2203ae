package dev.sluice.analysis.transport;

import dev.sluice.analysis.concurrent.Mutex;
import java.util.Map;
import java.util.WeakHashMap;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.client.transport.internal.HttpConnectionOverHTTP2;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.util.Callback;

/**
 * HTTP/2 pings on connections that wait for answers. Without them a model that computes for long
 * cannot be distinguished from a dead connection. Safe for use by many threads.
 */
final class Pings {
    private final Mutex mutex = new Mutex();

    /** Bytes received when the ping was sent; closed connections are dropped from the map. */
    private final Map<Connection, Long> sent = new WeakHashMap<>();

    /** Result of a check of a silent connection. */
    enum Sign {
        /** Bytes arrived since the ping. */
        ALIVE,
        /** No bytes arrived since the ping. */
        DEAD,
        /** A ping was just sent, or cannot be sent. */
        NONE
    }

    /** Checks a silent connection; must be called again after a while. */
    Sign look(Connection connection) {
        if (!(connection instanceof HttpConnectionOverHTTP2 http2
                && http2.getSession() instanceof HTTP2Session session
                && session.getEndPoint().getConnection() != null)) {
            return Sign.NONE;
        }
        long now = session.getEndPoint().getConnection().getBytesIn();
        Long before;
        try (var _ = mutex.hold()) {
            before = sent.remove(connection);
            if (before == null) {
                sent.put(connection, now);
            }
        }
        if (before == null) {
            session.ping(new PingFrame(false), Callback.NOOP);
            return Sign.NONE;
        }
        return now == before ? Sign.DEAD : Sign.ALIVE;
    }
}
