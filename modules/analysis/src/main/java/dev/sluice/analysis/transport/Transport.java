package dev.sluice.analysis.transport;

import dev.sluice.analysis.concurrent.Memo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.RetryableRequestException;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP client for HTTP/1.1, and for HTTP/2 over TLS if the server supports it. A call blocks its
 * thread, which should be virtual; an interrupt cancels the call. A call is sent at most once: no
 * redirects, no retries, no cookies, no answers to authentication challenges. Proxies are the JVM's
 * ({@code https.proxyHost} and so on) or those of the environment ({@code https_proxy}). Safe for
 * use by many threads.
 */
public final class Transport implements HttpSender, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Transport.class);

    /** Largest accepted answer; no model writes that much. */
    static final int MAX_ANSWER_BYTES = 16 << 20;

    /**
     * Time after which idle connections are closed, before servers close them: a call on a
     * connection that the server is closing counts as lost, and may have been executed.
     */
    private static final Duration IDLE = Duration.ofSeconds(20);

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** Longest time by which a call may exceed its timeout. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private static final String REFUSED_STREAM = "refused_stream_error";

    private static final String JSON = "application/json";

    private static final int THREADS = 16;

    private final HttpClient client;
    private final AnswerMemory memory = AnswerMemory.ofThisProcess();

    private final Proxies proxies;

    /** Servers that were called, and whether through a proxy. */
    private final Memo<String, Boolean> proxied = new Memo<>();

    private Transport(
            SslContextFactory.Client tls,
            Duration connect,
            Duration idle,
            Map<String, String> environment) {
        this.proxies = new Proxies(environment);
        proxies.check();
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName("model-http");
        threads.setDaemon(true);
        ClientConnector connector = new ClientConnector();
        connector.setExecutor(threads);
        connector.setSelectors(1);
        connector.setSslContextFactory(tls);
        connector.setConnectTimeout(connect);
        HttpClientTransportDynamic protocols =
                new HttpClientTransportDynamic(
                        connector,
                        new Http1Connections(),
                        new NoIdleTimeoutHttp2(new HTTP2Client(connector)));
        protocols.setConnectionPoolFactory(destination -> new ServerConnections(destination, idle));
        // An exchange only collects bytes; the waiting thread does all further work.
        protocols.setInvocationType(Invocable.InvocationType.NON_BLOCKING);
        this.client = new HttpClient(protocols);
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(ServerConnections.MAX);
        client.setMaxRequestsQueuedPerDestination(ServerConnections.MAX);
        client.setConnectTimeout(connect.toMillis());
        // Holds during the TLS handshake; an open connection has no idle timeout of its own.
        client.setIdleTimeout(connect.toMillis());
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setSocketAddressResolver(new NameLookups(InetAddress::getAllByName, connect));
        client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "sluice"));
    }

    /** Starts a client that trusts the JVM's certificates. */
    public static Transport start() {
        return start(new SslContextFactory.Client(), CONNECT, IDLE, System.getenv());
    }

    /**
     * Starts a client that trusts the factory's certificates.
     *
     * @param idle time after which idle connections are closed
     */
    static Transport start(SslContextFactory.Client tls, Duration idle) {
        return start(tls, CONNECT, idle, Map.of());
    }

    /**
     * @param connect longest time for the lookup of the name, for the connection, and without a
     *     byte during the TLS handshake
     * @param environment environment variables, which may name proxies
     */
    static Transport start(
            SslContextFactory.Client tls,
            Duration connect,
            Duration idle,
            Map<String, String> environment) {
        Transport transport = new Transport(tls, connect, idle, environment);
        try {
            transport.client.start();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP client did not start", e);
        }
        transport.client.getProtocolHandlers().clear();
        var _ = transport.client.getProtocolHandlers().put(new InterimAnswers());
        transport.client.getContentDecoderFactories().clear();
        return transport;
    }

    @Override
    public HttpReply send(HttpCall call) throws IOException, InterruptedException {
        useProxy(call.target());
        Request request =
                client.newRequest(call.target())
                        .method(HttpMethod.POST)
                        .body(new BytesRequestContent(JSON, call.json()))
                        .timeout(call.timeout().toMillis(), TimeUnit.MILLISECONDS)
                        // No bytes may arrive on a connection while its call waits for the answer.
                        .idleTimeout(call.timeout().plus(IDLE).toMillis(), TimeUnit.MILLISECONDS);
        request.headers(headers ->
                call.headers().forEach((name, value) -> headers.add(new HttpField(name, value))));
        Exchange exchange = new Exchange(MAX_ANSWER_BYTES, memory);
        request.onRequestBegin(exchange::begun);
        request.send(exchange);
        try {
            // The client has the same timeout; this one ends the call even if the client's fails.
            return decoded(
                    exchange.reply()
                            .get(call.timeout().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            var _ = request.abort(new IOException("cancelled"));
            throw e;
        } catch (TimeoutException e) {
            var _ = request.abort(e);
            connections(request, ServerConnections::retire);
            throw failure(e, exchange.isBegun());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof TimeoutException) {
                connections(request, ServerConnections::retire);
            } else if (exchange.isBegun() && !exchange.isAnswered() && !isRefused(cause)) {
                connections(request, ServerConnections::failed);
            }
            throw failure(cause, exchange.isBegun() && !isRefused(cause));
        }
    }

    /**
     * Opens a connection to a server ahead of the first call. Only the TLS handshake is sent.
     *
     * @return whether the connection was opened within the limit; if not, the first call reports
     *     the cause
     */
    public boolean connect(URI server, Duration limit) throws InterruptedException {
        useProxy(server);
        try {
            var _ =
                    client.resolveDestination(client.newRequest(server))
                            .getConnectionPool()
                            .preCreateConnections(1)
                            .get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            log.atDebug().setCause(e).log("no connection before the first call");
            return false;
        }
    }

    /**
     * Decompresses on the caller's thread, because the client's threads transfer the bytes of all
     * calls.
     */
    private static HttpReply decoded(HttpReply reply) throws IOException {
        Optional<String> encoding = reply.headers().value("content-encoding");
        return encoding.isEmpty()
                ? reply
                : new HttpReply(
                        reply.status(),
                        reply.headers(),
                        ContentCoding.decoded(reply.body(), encoding.get(), MAX_ANSWER_BYTES));
    }

    /**
     * Whether the server did not process the call. By RFC 9113 that holds for a refused stream, and
     * for a stream above the last one named by a GOAWAY.
     */
    private static boolean isRefused(Throwable cause) {
        return cause instanceof RetryableRequestException
                || REFUSED_STREAM.equalsIgnoreCase(cause.getMessage());
    }

    /**
     * Passes the failed connection of a call to its pool. An HTTP/2 connection outlives its calls,
     * and if its server is gone all further calls on it would fail too.
     */
    private void connections(Request request, BiConsumer<ServerConnections, Connection> report) {
        Connection failed = request.getConnection();
        if (failed != null
                && client.resolveDestination(request).getConnectionPool()
                        instanceof ServerConnections connections) {
            report.accept(connections, failed);
        }
    }

    /** Number of open connections. */
    int openConnections() {
        return client.getDestinations().stream()
                .map(destination -> (ServerConnections) destination.getConnectionPool())
                .mapToInt(ServerConnections::getConnectionCount)
                .sum();
    }

    /** Bytes of the answers in flight. */
    long answerBytes() {
        return memory.taken();
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception e) {
            log.atWarn().setCause(e).log("the HTTP client did not stop cleanly");
        }
    }

    private static IOException failure(Throwable cause, boolean begun) {
        if (!begun) {
            return new NotSentException(String.valueOf(cause.getMessage()), cause);
        }
        return switch (cause) {
            case TimeoutException timeout -> {
                SocketTimeoutException late = new SocketTimeoutException("no answer in time");
                late.initCause(timeout);
                yield late;
            }
            case IOException io -> io;
            default -> new IOException(cause);
        };
    }

    /**
     * Selects the proxy of a server at the first call to it; other calls wait until that is done.
     */
    private void useProxy(URI target) {
        var _ =
                proxied.get(
                        target.getHost() + ":" + port(target), server -> findProxy(server, target));
    }

    private boolean findProxy(String server, URI target) {
        Optional<Proxies.Route> route = proxies.to(target);
        route.ifPresent(found -> {
            HttpProxy http = new HttpProxy(found.host(), found.port());
            http.getIncludedAddresses().add(server);
            client.getProxyConfiguration().addProxy(http);
            found.login()
                    .ifPresent(login ->
                            client.getAuthenticationStore()
                                    .addAuthenticationResult(
                                            new BasicAuthentication.BasicResult(
                                                    http.getURI(),
                                                    HttpHeader.PROXY_AUTHORIZATION,
                                                    login.user(),
                                                    login.password())));
        });
        return route.isPresent();
    }

    private static int port(URI target) {
        if (target.getPort() > 0) {
            return target.getPort();
        }
        return "https".equals(target.getScheme()) ? 443 : 80;
    }

    /**
     * HTTP/2 connections without an idle timeout. The client would otherwise close a silent
     * connection with all its calls, whatever their own idle times are.
     */
    private static final class NoIdleTimeoutHttp2 extends ClientConnectionFactoryOverHTTP2.HTTP2 {
        NoIdleTimeoutHttp2(HTTP2Client client) {
            super(client);
        }

        @Override
        public ClientConnectionFactory getClientConnectionFactory() {
            ClientConnectionFactory factory = super.getClientConnectionFactory();
            return (server, context) -> {
                server.setIdleTimeout(0);
                return factory.newConnection(server, context);
            };
        }
    }
}
