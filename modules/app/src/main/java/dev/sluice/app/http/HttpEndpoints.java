package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.HttpSettings.TlsFiles;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.console.Console;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.runtime.health.Health;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP endpoints: {@code /metrics} for Prometheus, {@code /health/live}, {@code /health/ready},
 * the {@code /console}, and users' data under {@code /api}, which may need a token.
 */
public final class HttpEndpoints implements AutoCloseable {
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
     * @param letters the operations on dead letters
     * @throws InvalidConfigException if the port is taken, the host is not an address of this
     *     machine, or a certificate cannot be used
     */
    public static HttpEndpoints start(
            HttpSettings http,
            PrometheusMeterRegistry meters,
            Health health,
            Function<String, Optional<String>> spends,
            Console console,
            LetterOperations letters) {
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
        server.setHandler(
                new Pages(meters, health, spends, console, new LetterRoutes(letters), http));
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
}
