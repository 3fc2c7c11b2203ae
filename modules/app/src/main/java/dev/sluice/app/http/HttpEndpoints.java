package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.HttpSettings.DataAccess;
import dev.sluice.app.config.HttpSettings.TlsFiles;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.Console.IdsHidden;
import dev.sluice.app.console.ConsolePage;
import dev.sluice.app.console.LetterDesk;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.Dependencies;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP endpoints: {@code /metrics} for Prometheus, {@code /health/live}, {@code /health/ready},
 * the {@code /console}, and users' data under {@code /api}, which may need a token.
 */
public final class HttpEndpoints implements AutoCloseable {
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String JSON_TYPE = "application/json";
    private static final String TEXT_TYPE = "text/plain; charset=utf-8";
    private static final String SPEND = "/api/spend/";
    private static final String CONSOLE = "/api/console";
    private static final String ROOT = "/";
    private static final String METRICS = "/metrics";
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";
    private static final Set<String> PATHS = Set.of(ROOT, METRICS, LIVE, READY, CONSOLE);

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

    /** For HEAD, Jetty omits the body. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD");

    /** User ids may contain slashes, backslashes, percent signs and any other character. */
    private static final UriCompliance ANY_USER =
            UriCompliance.DEFAULT.with(
                    "users",
                    UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
                    UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING,
                    UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT,
                    UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS);

    private final Server server;
    private final ServerConnector connector;
    private final Optional<CertificateReload> reload;

    private HttpEndpoints(
            Server server, ServerConnector connector, Optional<CertificateReload> reload) {
        this.server = server;
        this.connector = connector;
        this.reload = reload;
    }

    /**
     * Starts the endpoints.
     *
     * @param spends the JSON of a user's days; empty while it cannot be read
     * @param desk works on dead letters
     * @throws InvalidConfigException if the port is taken, the host is not an address of this
     *     machine, or a certificate cannot be used
     */
    public static HttpEndpoints start(
            HttpSettings http,
            PrometheusMeterRegistry meters,
            Health health,
            Function<String, Optional<String>> spends,
            Console console,
            LetterDesk desk) {
        QueuedThreadPool threads = new QueuedThreadPool(8, 1);
        threads.setName("http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration settings = new HttpConfiguration();
        settings.setUriCompliance(ANY_USER);
        settings.setSendServerVersion(false);
        HttpConnectionFactory plain = new HttpConnectionFactory(settings);
        Optional<List<FileTime>> version = http.tls().map(CertificateReload::version);
        Optional<SslContextFactory.Server> tls = http.tls().map(HttpEndpoints::tls);
        ServerConnector connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        tls.map(factory -> AbstractConnectionFactory.getFactories(factory, plain))
                                .orElseGet(() -> new ConnectionFactory[] {plain}));
        connector.setHost(http.host());
        connector.setPort(http.port());
        server.addConnector(connector);
        server.setHandler(new Pages(meters, health, spends, console, new LetterRoutes(desk), http));
        try {
            server.start();
        } catch (Exception e) {
            throw new InvalidConfigException(
                    List.of(
                            "cannot listen on "
                                    + http.host()
                                    + ":"
                                    + http.port()
                                    + ": choose another http.port, or 0 for a free one, and an"
                                    + " http.host of this machine ("
                                    + e.getMessage()
                                    + ")"));
        }
        Optional<CertificateReload> reload =
                http.tls()
                        .map(files ->
                                new CertificateReload(
                                        files, tls.orElseThrow(), version.orElseThrow()));
        reload.ifPresent(CertificateReload::start);
        return new HttpEndpoints(server, connector, reload);
    }

    private static SslContextFactory.Server tls(TlsFiles files) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(Certificate.presenting(files));
        // Probes and Prometheus name the address of a pod, which no certificate has.
        tls.setSniRequired(false);
        return tls;
    }

    public URI address() {
        String scheme = reload.isPresent() ? "https://" : "http://";
        String host = connector.getHost();
        boolean isBare = host.contains(":") && !host.startsWith("[");
        return URI.create(
                scheme + (isBare ? "[" + host + "]" : host) + ":" + connector.getLocalPort());
    }

    @Override
    public void close() {
        reload.ifPresent(CertificateReload::close);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP endpoints did not stop", e);
        }
    }

    private static final class Pages extends Handler.Abstract {
        private final PrometheusMeterRegistry meters;
        private final Health health;
        private final Function<String, Optional<String>> spends;
        private final Console console;
        private final LetterRoutes letters;
        private final DataAccess access;
        private final String host;
        private final byte[] authorization;

        Pages(
                PrometheusMeterRegistry meters,
                Health health,
                Function<String, Optional<String>> spends,
                Console console,
                LetterRoutes letters,
                HttpSettings http) {
            this.meters = meters;
            this.health = health;
            this.spends = spends;
            this.console = console;
            this.letters = letters;
            this.access = http.dataAccess();
            this.host = http.host();
            this.authorization =
                    http.token()
                            .map(token -> "Bearer " + token.value())
                            .orElse("")
                            .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String path = Request.getPathInContext(request);
            boolean isSpend = path.startsWith(SPEND) && path.length() > SPEND.length();
            Optional<ConsolePage> page = ConsolePage.at(path);
            if (LetterRoutes.isReading(path) || LetterRoutes.isChanging(path)) {
                answer(path, request, response, callback);
            } else if (!isSpend && page.isEmpty() && !PATHS.contains(path)) {
                write(
                        response,
                        callback,
                        404,
                        TEXT_TYPE,
                        "try /console, /metrics, /health/live, /health/ready or"
                                + " /api/spend/USER\n");
            } else if (!METHODS.contains(request.getMethod())) {
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
                write(response, callback, 405, TEXT_TYPE, "only GET and HEAD\n");
            } else if (isSpend && !mayRead(request)) {
                denyData(response, callback);
            } else if (path.equals(CONSOLE)) {
                follow(request, response, callback);
            } else if (path.equals(ROOT)) {
                response.getHeaders().put(HttpHeader.LOCATION, ConsolePage.PATH);
                write(response, callback, 302, TEXT_TYPE, "see " + ConsolePage.PATH + "\n");
            } else if (page.isPresent()) {
                write(response, callback, page.get());
            } else if (isSpend) {
                writeSpend(response, callback, decoded(path.substring(SPEND.length())));
            } else if (path.equals(METRICS)) {
                write(response, callback, 200, METRICS_TYPE, meters.scrape());
            } else {
                boolean isLive = path.equals(LIVE);
                writeHealth(
                        response,
                        callback,
                        isLive ? health.notLive() : health.notReady(),
                        isLive ? Map.of() : health.notes());
            }
            return true;
        }

        private void answer(String path, Request request, Response response, Callback callback) {
            boolean isChange = LetterRoutes.isChanging(path);
            String method = isChange ? "POST" : "GET";
            if (!request.getMethod().equals(method)) {
                response.getHeaders().put(HttpHeader.ALLOW, method);
                write(response, callback, 405, TEXT_TYPE, "only " + method + "\n");
            } else if (!mayRead(request) || isCrossSite(request)) {
                denyData(response, callback);
            } else if (isChange && access != DataAccess.TOKEN_HOLDERS) {
                write(
                        response,
                        callback,
                        403,
                        TEXT_TYPE,
                        "dead letters are redriven and discarded here by who has a token only:"
                                + " configure http.token\n");
            } else {
                // It reads topics, which takes its time.
                var _ =
                        Thread.startVirtualThread(() -> {
                            try {
                                LetterRoutes.Answer answer = letters.answer(path, request);
                                response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
                                write(
                                        response,
                                        callback,
                                        answer.status(),
                                        answer.isJson() ? JSON_TYPE : TEXT_TYPE,
                                        answer.body());
                            } catch (RuntimeException | Error e) {
                                // Otherwise the browser would wait for ever.
                                callback.failed(e);
                            }
                        });
            }
        }

        /** Whether a page of another site asks: a question costs work though it sees no answer. */
        private static boolean isCrossSite(Request request) {
            return "cross-site".equals(request.getHeaders().get("Sec-Fetch-Site"));
        }

        private boolean mayRead(Request request) {
            return switch (access) {
                case EVERYONE -> isLoopback(Request.getServerName(request));
                case TOKEN_HOLDERS -> {
                    String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
                    byte[] bytes =
                            given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
                    // Takes the same time wherever the first difference is.
                    yield MessageDigest.isEqual(authorization, bytes);
                }
                case NOBODY_WITHOUT_A_TOKEN, NOBODY_WITHOUT_TLS -> false;
            };
        }

        /** A page of the web may have a name that leads to this machine. */
        private boolean isLoopback(@Nullable String name) {
            return name != null && (name.equals(host) || LOOPBACK.matcher(name).matches());
        }

        private String denial() {
            return switch (access) {
                case EVERYONE ->
                        "ask for it with the address of loopback, such as http://127.0.0.1, or"
                                + " configure http.token";
                case TOKEN_HOLDERS ->
                        "needs Authorization: Bearer TOKEN, with http.token of the configuration";
                case NOBODY_WITHOUT_A_TOKEN ->
                        "users' data is served on loopback only, or with http.token and"
                                + " http.tls.* configured";
                case NOBODY_WITHOUT_TLS ->
                        "users' data is served with TLS only (http.tls.certificate,"
                                + " http.tls.key): the token must not be sent in clear text";
            };
        }

        private void denyData(Response response, Callback callback) {
            boolean asks = access == DataAccess.TOKEN_HOLDERS;
            if (asks) {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            }
            write(response, callback, asks ? 401 : 403, TEXT_TYPE, denial() + "\n");
        }

        private void writeSpend(Response response, Callback callback, String user) {
            Optional<String> days = spends.apply(user);
            if (days.isPresent()) {
                write(response, callback, 200, JSON_TYPE, days.get());
            } else {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
                write(
                        response,
                        callback,
                        503,
                        TEXT_TYPE,
                        Optional.ofNullable(health.notReady().get(Dependencies.BROKERS))
                                        .orElse(
                                                "the spend topic is still being read; try again"
                                                        + " in a second")
                                + "\n");
            }
        }

        /**
         * Everyone sees what health and metrics show everyone, and ids who may read users' data.
         */
        private void follow(Request request, Response response, Callback callback) {
            boolean asks = access == DataAccess.TOKEN_HOLDERS;
            boolean mayRead = mayRead(request);
            if (asks && !mayRead && request.getHeaders().contains(HttpHeader.AUTHORIZATION)) {
                denyData(response, callback);
            } else if (request.getMethod().equals("HEAD")) {
                write(response, callback, 200, "text/event-stream", "");
            } else if (!console.follow(response, callback, hidden(mayRead, asks))) {
                write(
                        response,
                        callback,
                        503,
                        TEXT_TYPE,
                        Console.MOST_VIEWERS
                                + " consoles of this process are open, which is the most; close"
                                + " one\n");
            }
        }

        private Optional<IdsHidden> hidden(boolean mayRead, boolean asks) {
            return mayRead ? Optional.empty() : Optional.of(new IdsHidden(denial(), asks));
        }

        private static void write(Response response, Callback callback, ConsolePage page) {
            response.getHeaders().put("Content-Security-Policy", ConsolePage.POLICY);
            response.getHeaders().put("Referrer-Policy", "no-referrer");
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
            write(response, callback, 200, page.type(), ByteBuffer.wrap(page.bytes()));
        }

        private static String decoded(String user) {
            return URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
        }

        private static void writeHealth(
                Response response,
                Callback callback,
                Map<String, String> problems,
                Map<String, String> notes) {
            ObjectNode body = JsonMapper.shared().createObjectNode();
            body.put("status", problems.isEmpty() ? "UP" : "DOWN");
            ObjectNode listed = body.putObject("problems");
            problems.forEach(listed::put);
            if (!notes.isEmpty()) {
                notes.forEach(body.putObject("notes")::put);
            }
            int status = problems.isEmpty() ? 200 : 503;
            write(response, callback, status, JSON_TYPE, body.toString());
        }

        private static void write(
                Response response, Callback callback, int status, String type, String body) {
            write(
                    response,
                    callback,
                    status,
                    type,
                    ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        }

        private static void write(
                Response response, Callback callback, int status, String type, ByteBuffer body) {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            response.write(true, body, callback);
        }
    }
}
