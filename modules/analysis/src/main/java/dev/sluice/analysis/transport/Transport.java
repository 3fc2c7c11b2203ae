package dev.sluice.analysis.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
 * HTTP/1.1, and HTTP/2 over TLS where the server speaks it. A call blocks its thread, which is
 * meant to be virtual; an interrupt cancels it. It is sent at most once: no redirects, no retries,
 * no cookies, no answers to challenges. Proxies are the JVM's ({@code https.proxyHost} and so on)
 * or those of the environment ({@code https_proxy}). Safe for use by many threads.
 */
public final class Transport implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Transport.class);

    /** No model writes as much. */
    static final int MAX_ANSWER_BYTES = 16 << 20;

    /**
     * Connections without a call are closed before servers do so: a call that meets a connection
     * just being closed counts as lost, and may have been carried out.
     */
    private static final Duration IDLE = Duration.ofSeconds(20);

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** How much longer than its timeout a call may take at most. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private static final String REFUSED_STREAM = "refused_stream_error";

    private static final String JSON = "application/json";

    private static final int THREADS = 16;

    private final HttpClient client;
    private final AnswerMemory memory = AnswerMemory.ofThisProcess();

    private final Proxies proxies;

    /** Servers that were called, and whether by a proxy. */
    private final Map<String, Boolean> proxied = new ConcurrentHashMap<>();

    private Transport(
            SslContextFactory.Client tls, Duration idle, Map<String, String> environment) {
        this.proxies = new Proxies(environment);
        proxies.check();
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName("model-http");
        threads.setDaemon(true);
        ClientConnector connector = new ClientConnector();
        connector.setExecutor(threads);
        connector.setSelectors(1);
        connector.setSslContextFactory(tls);
        connector.setConnectTimeout(CONNECT);
        HttpClientTransportDynamic protocols =
                new HttpClientTransportDynamic(
                        connector,
                        new Http1Connections(),
                        new PatientHttp2(new HTTP2Client(connector)));
        protocols.setConnectionPoolFactory(destination -> new ServerConnections(destination, idle));
        // An exchange only takes bytes in; whoever waits for it works on a thread of its own.
        protocols.setInvocationType(Invocable.InvocationType.NON_BLOCKING);
        this.client = new HttpClient(protocols);
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(ServerConnections.MAX);
        client.setMaxRequestsQueuedPerDestination(ServerConnections.MAX);
        client.setConnectTimeout(CONNECT.toMillis());
        client.setIdleTimeout(idle.toMillis());
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setSocketAddressResolver(new NameLookups(InetAddress::getAllByName, CONNECT));
        client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "sluice"));
    }

    /** Trusts whom the JVM trusts. */
    public static Transport start() {
        return start(new SslContextFactory.Client(), IDLE, System.getenv());
    }

    /**
     * Trusts whom the factory trusts.
     *
     * @param idle after which connections without a call are closed
     */
    static Transport start(SslContextFactory.Client tls, Duration idle) {
        return start(tls, idle, Map.of());
    }

    /**
     * @param environment may name proxies
     */
    static Transport start(
            SslContextFactory.Client tls, Duration idle, Map<String, String> environment) {
        Transport transport = new Transport(tls, idle, environment);
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

    /**
     * Sends a call and waits for its whole answer.
     *
     * @throws NotSentException if no byte of it was sent
     * @throws SocketTimeoutException if there was no whole answer in time
     * @throws IOException if the connection was lost, or the answer too large
     * @throws InterruptedException if the thread was interrupted; the call is cancelled
     */
    public HttpReply send(HttpCall call) throws IOException, InterruptedException {
        useProxy(call.target());
        Request request =
                client.newRequest(call.target())
                        .method(HttpMethod.POST)
                        .body(new BytesRequestContent(JSON, call.json()))
                        .timeout(call.timeout().toMillis(), TimeUnit.MILLISECONDS)
                        // While a call is open nothing is said on its connection.
                        .idleTimeout(call.timeout().plus(IDLE).toMillis(), TimeUnit.MILLISECONDS);
        request.headers(headers ->
                call.headers().forEach((name, value) -> headers.add(new HttpField(name, value))));
        Exchange exchange = new Exchange(MAX_ANSWER_BYTES, memory);
        request.onRequestBegin(exchange::begun);
        request.send(exchange);
        try {
            // The client has the same bound; a call must end even where it does not hold.
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
     * Opens a connection to a server, for the first call to find. Nothing is sent on it but what
     * TLS takes.
     *
     * @return whether it is open within the limit; if not, the first call tells why
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

    /** On the caller's thread: those of the client carry the bytes of all. */
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
     * By RFC 9113 a stream that is refused, or above the last one that a GOAWAY names, was not
     * processed: nobody carries the call out.
     */
    private static boolean isRefused(Throwable cause) {
        return cause instanceof RetryableRequestException
                || REFUSED_STREAM.equalsIgnoreCase(cause.getMessage());
    }

    /**
     * Tells the pool of a connection that failed. Others would meet the same silence where a server
     * is gone without a word, and a connection of HTTP/2 outlives its calls.
     */
    private void connections(Request request, BiConsumer<ServerConnections, Connection> told) {
        Connection failed = request.getConnection();
        if (failed != null
                && client.resolveDestination(request).getConnectionPool()
                        instanceof ServerConnections connections) {
            told.accept(connections, failed);
        }
    }

    /** Connections that are open now. */
    int openConnections() {
        return client.getDestinations().stream()
                .map(destination -> (ServerConnections) destination.getConnectionPool())
                .mapToInt(ServerConnections::getConnectionCount)
                .sum();
    }

    /** Bytes of answers that have not ended. */
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

    /** Whoever sends the first call to a server finds its proxy; others wait until it has. */
    private void useProxy(URI target) {
        var _ =
                proxied.computeIfAbsent(
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
     * The client would close a connection of HTTP/2 on which nothing is said for a while with all
     * its calls: their own idle times count for nothing there.
     */
    private static final class PatientHttp2 extends ClientConnectionFactoryOverHTTP2.HTTP2 {
        PatientHttp2(HTTP2Client client) {
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
