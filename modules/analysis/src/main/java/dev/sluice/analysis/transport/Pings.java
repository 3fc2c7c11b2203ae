package dev.sluice.analysis.transport;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.client.transport.internal.HttpConnectionOverHTTP2;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.util.Callback;

/**
 * Asks servers of HTTP/2 for a sign of life on connections that owe answers: a model that thinks
 * for long and a connection that is dead look the same otherwise. Safe for use by many threads.
 */
final class Pings {
    /** Bytes that had come when the ping was sent; connections that are closed are forgotten. */
    private final Map<Connection, Long> sent = Collections.synchronizedMap(new WeakHashMap<>());

    /** What is known of a connection that has been silent. */
    enum Sign {
        /** Something came since it was asked. */
        ALIVE,
        /** Nothing came since it was asked. */
        DEAD,
        /** It has only just been asked, or cannot be asked. */
        NONE
    }

    /** Looks at a connection that has been silent; to be called again after a while. */
    Sign look(Connection connection) {
        if (!(connection instanceof HttpConnectionOverHTTP2 http2
                && http2.getSession() instanceof HTTP2Session session
                && session.getEndPoint().getConnection() != null)) {
            return Sign.NONE;
        }
        long now = session.getEndPoint().getConnection().getBytesIn();
        Long before = sent.remove(connection);
        if (before == null) {
            sent.put(connection, now);
            session.ping(new PingFrame(false), Callback.NOOP);
            return Sign.NONE;
        }
        return now == before ? Sign.DEAD : Sign.ALIVE;
    }
}
