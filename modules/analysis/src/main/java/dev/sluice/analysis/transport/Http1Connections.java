package dev.sluice.analysis.transport;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.internal.HttpChannelOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpReceiverOverHTTP;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * Factory of HTTP/1.1 connections that are closed when a server sends more than one answer to a
 * call. The extra bytes could belong to another caller and would be taken for the answer to the
 * next call.
 *
 * <p>Between calls a connection has no idle timeout of its own: it could expire while the next call
 * is being sent. {@link ServerConnections} closes idle connections.
 */
final class Http1Connections extends ClientConnectionFactory.Info {
    Http1Connections() {
        super(new Factory());
    }

    @Override
    public List<String> getProtocols(boolean secure) {
        return List.of("http/1.1");
    }

    private static final class Factory extends HttpClientConnectionFactory {
        @Override
        public Connection newConnection(EndPoint endPoint, Map<String, Object> context) {
            return customize(new StrictConnection(endPoint, context), context);
        }
    }

    private static final class StrictConnection extends HttpConnectionOverHTTP {
        StrictConnection(EndPoint endPoint, Map<String, Object> context) {
            super(endPoint, context);
            endPoint.setIdleTimeout(0);
        }

        /**
         * Called for the request that opens a tunnel through a proxy, and for no other. The TLS
         * handshake comes after it, so the tunnel needs a timeout until then.
         */
        @Override
        public void send(Request request, Response.CompleteListener listener) {
            getEndPoint().setIdleTimeout(getHttpDestination().getHttpClient().getIdleTimeout());
            super.send(request, listener);
        }

        @Override
        protected HttpChannelOverHTTP newHttpChannel() {
            return new StrictChannel(this);
        }

        /** Called when the answer has ended. */
        @Override
        public void release() {
            if (getHttpChannel() instanceof StrictChannel channel && channel.hasSurplus()) {
                close();
            } else {
                super.release();
            }
        }
    }

    private static final class StrictChannel extends HttpChannelOverHTTP {
        StrictChannel(HttpConnectionOverHTTP connection) {
            super(connection);
        }

        @Override
        protected HttpReceiverOverHTTP newHttpReceiver() {
            return new StrictReceiver(this);
        }

        boolean hasSurplus() {
            return getHttpReceiver() instanceof StrictReceiver receiver && receiver.hasSurplus();
        }
    }

    private static final class StrictReceiver extends HttpReceiverOverHTTP {
        private volatile boolean surplus;

        StrictReceiver(HttpChannelOverHTTP channel) {
            super(channel);
        }

        boolean hasSurplus() {
            return surplus;
        }

        /** Called at the end of the answer; bytes left in the buffer are not part of it. */
        @Override
        public boolean messageComplete() {
            ByteBuffer rest = getResponseBuffer();
            HttpExchange exchange = getHttpExchange();
            surplus =
                    rest != null
                            && rest.hasRemaining()
                            && exchange != null
                            && !HttpStatus.isInterim(exchange.getResponse().getStatus());
            return super.messageComplete();
        }
    }
}
