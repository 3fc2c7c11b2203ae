package dev.sluice.app.http;

import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.ServicePlan.HttpAddress;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.Dependencies;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP endpoints: {@code /metrics} for Prometheus, {@code /health/live}, {@code /health/ready},
 * and {@code /api/spend/USER}.
 */
public final class HttpEndpoints implements AutoCloseable {
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String JSON_TYPE = "application/json";
    private static final String TEXT_TYPE = "text/plain; charset=utf-8";
    private static final String SPEND = "/api/spend/";
    private static final String METRICS = "/metrics";
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";
    private static final Set<String> PATHS = Set.of(METRICS, LIVE, READY);

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

    private HttpEndpoints(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * Starts the endpoints.
     *
     * @throws InvalidConfigException if the port is taken or the host is not an address of this
     *     machine
     */
    public static HttpEndpoints start(
            HttpAddress address, PrometheusMeterRegistry meters, Health health, SpendPage spends) {
        QueuedThreadPool threads = new QueuedThreadPool(8, 1);
        threads.setName("http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration settings = new HttpConfiguration();
        settings.setUriCompliance(ANY_USER);
        settings.setSendServerVersion(false);
        ServerConnector connector =
                new ServerConnector(server, 1, 1, new HttpConnectionFactory(settings));
        connector.setHost(address.host());
        connector.setPort(address.port());
        server.addConnector(connector);
        server.setHandler(new Pages(meters, health, spends));
        try {
            server.start();
        } catch (Exception e) {
            throw new InvalidConfigException(
                    List.of(
                            "cannot listen on "
                                    + address.host()
                                    + ":"
                                    + address.port()
                                    + ": choose another http.port, or 0 for a free one, and an"
                                    + " http.host of this machine ("
                                    + e.getMessage()
                                    + ")"));
        }
        return new HttpEndpoints(server, connector);
    }

    public URI address() {
        return URI.create("http://" + connector.getHost() + ":" + connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP endpoints did not stop", e);
        }
    }

    private static final class Pages extends Handler.Abstract {
        private final PrometheusMeterRegistry meters;
        private final Health health;
        private final SpendPage spends;

        Pages(PrometheusMeterRegistry meters, Health health, SpendPage spends) {
            this.meters = meters;
            this.health = health;
            this.spends = spends;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String path = Request.getPathInContext(request);
            boolean isSpend = path.startsWith(SPEND) && path.length() > SPEND.length();
            if (!isSpend && !PATHS.contains(path)) {
                write(
                        response,
                        callback,
                        404,
                        TEXT_TYPE,
                        "try /metrics, /health/live, /health/ready or /api/spend/USER\n");
            } else if (!METHODS.contains(request.getMethod())) {
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
                write(response, callback, 405, TEXT_TYPE, "only GET and HEAD\n");
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

        private void writeSpend(Response response, Callback callback, String user) {
            Optional<String> days = spends.of(user);
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
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
        }
    }
}
