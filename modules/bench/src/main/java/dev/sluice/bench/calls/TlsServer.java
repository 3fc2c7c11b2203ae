package dev.sluice.bench.calls;

import dev.sluice.bench.measure.Parent;
import dev.sluice.bench.measure.StubServer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The TLS variant of {@link StubServer}, on Jetty: with HTTP/1.1, or with HTTP/2 for clients that
 * support it.
 */
public final class TlsServer {
    private TlsServer() {}

    /** Arguments: milliseconds until a reply, key store, whether to use HTTP/2. Prints its port. */
    public static void main(String[] arguments) throws Exception {
        Parent.endWithIt();
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        Server server = new Server(threads);
        HttpConfiguration settings = new HttpConfiguration();
        HttpConnectionFactory http1 = new HttpConnectionFactory(settings);
        SslContextFactory.Server own = new SslContextFactory.Server();
        own.setKeyStorePath(Path.of(arguments[1]).toUri().toString());
        own.setKeyStorePassword(Certificate.PASSWORD);
        ServerConnector connector =
                Boolean.parseBoolean(arguments[2])
                        ? withHttp2(server, own, settings, http1)
                        : new ServerConnector(
                                server,
                                0,
                                1,
                                new SslConnectionFactory(own, http1.getProtocol()),
                                http1);
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(10_000);
        connector.setIdleTimeout(TimeUnit.MINUTES.toMillis(5));
        server.addConnector(connector);
        server.setHandler(new Late(Long.parseLong(arguments[0])));
        server.start();
        System.out.println(connector.getLocalPort());
        server.join();
    }

    private static ServerConnector withHttp2(
            Server server,
            SslContextFactory.Server own,
            HttpConfiguration settings,
            HttpConnectionFactory http1) {
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        return new ServerConnector(
                server,
                0,
                1,
                new SslConnectionFactory(own, alpn.getProtocol()),
                alpn,
                new HTTP2ServerConnectionFactory(settings),
                http1);
    }

    /** Reads a request and answers it after the delay, or at once below {@code /0}. */
    private static final class Late extends Handler.Abstract.NonBlocking {
        private final long delayMillis;
        private final byte[] reply = StubServer.body(StubServer.nothing());

        Late(long delayMillis) {
            this.delayMillis = delayMillis;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Content.Source.consumeAll(
                    request,
                    Callback.from(
                            () -> {
                                if (Request.getPathInContext(request).startsWith("/0/")) {
                                    answer(response, callback);
                                } else {
                                    Scheduler scheduler = request.getComponents().getScheduler();
                                    var _ =
                                            scheduler.schedule(
                                                    () -> answer(response, callback),
                                                    delayMillis,
                                                    TimeUnit.MILLISECONDS);
                                }
                            },
                            callback::failed));
            return true;
        }

        private void answer(Response response, Callback callback) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, reply.length);
            response.write(true, ByteBuffer.wrap(reply), callback);
        }
    }
}
