package dev.sluice.analysis.transport;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Server that echoes requests after a delay and records how it was reached. */
final class TestServer implements AutoCloseable {
    private static final String STORE = "localhost.p12";
    private static final String PASSWORD = "secret";

    private final Server server;
    private final ServerConnector connector;
    private final boolean tls;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Collection<String> protocols = new ConcurrentLinkedQueue<>();

    private TestServer(boolean tls, boolean http2, Duration delay, Duration idle) throws Exception {
        this.tls = tls;
        QueuedThreadPool threads = new QueuedThreadPool(32, 2);
        threads.setDaemon(true);
        server = new Server(threads);
        HttpConfiguration settings = new HttpConfiguration();
        HttpConnectionFactory http1 = new HttpConnectionFactory(settings);
        if (tls) {
            settings.addCustomizer(new SecureRequestCustomizer(false));
            SslContextFactory.Server own = new SslContextFactory.Server();
            own.setKeyStorePath(TestServer.class.getResource(STORE).toString());
            own.setKeyStorePassword(PASSWORD);
            if (http2) {
                ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
                connector =
                        new ServerConnector(
                                server,
                                new SslConnectionFactory(own, alpn.getProtocol()),
                                alpn,
                                new HTTP2ServerConnectionFactory(settings),
                                http1);
            } else {
                connector =
                        new ServerConnector(
                                server, new SslConnectionFactory(own, http1.getProtocol()), http1);
            }
        } else {
            connector = new ServerConnector(server, http1);
        }
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(4_096);
        connector.setIdleTimeout(idle.toMillis());
        server.addConnector(connector);
        server.setHandler(new Echo(delay));
        server.start();
    }

    static TestServer plain(Duration delay, Duration idle) throws Exception {
        return new TestServer(false, false, delay, idle);
    }

    static TestServer tls(boolean http2, Duration delay) throws Exception {
        return new TestServer(true, http2, delay, Duration.ofMinutes(1));
    }

    /** Trusts this server. */
    static SslContextFactory.Client trust() {
        SslContextFactory.Client client = new SslContextFactory.Client();
        client.setTrustStorePath(TestServer.class.getResource(STORE).toString());
        client.setTrustStorePassword(PASSWORD);
        return client;
    }

    URI url() {
        return URI.create((tls ? "https" : "http") + "://localhost:" + connector.getLocalPort());
    }

    /** Connections that carried calls. */
    int connections() {
        return connections.size();
    }

    /** Connections that are open now. */
    int open() {
        return connector.getConnectedEndPoints().size();
    }

    Collection<String> protocols() {
        return protocols;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Echo extends Handler.Abstract {
        private final Duration delay;

        Echo(Duration delay) {
            this.delay = delay;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
            connections.add(request.getConnectionMetaData().getConnection());
            protocols.add(request.getConnectionMetaData().getProtocol());
            String said = Content.Source.asString(request, StandardCharsets.UTF_8);
            var _ =
                    server.getScheduler()
                            .schedule(
                                    () -> Content.Sink.write(response, true, said, callback),
                                    delay.toMillis(),
                                    TimeUnit.MILLISECONDS);
            return true;
        }
    }
}
