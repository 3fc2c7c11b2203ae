package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.devkit.SelfSigned;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HealthCommandTest {
    private static final String UP = "{\"status\":\"UP\",\"problems\":{}}";
    private static final String DOWN =
            "{\"status\":\"DOWN\",\"problems\":{\"brokers\":\"no answer\"}}";

    @TempDir private Path folder;

    private final AtomicInteger asked = new AtomicInteger();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void readyServiceIsSuccess() throws Exception {
        serve(HttpServer.create(), 1);

        assertThat(health("")).isZero();
        assertThat(out.toString().strip()).isEqualTo(UP);
    }

    @Test
    void problemsArePrintedAndTheCommandFails() throws Exception {
        serve(HttpServer.create(), 2);

        assertThat(health("")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString().strip()).isEqualTo(DOWN);
    }

    @Test
    void waitEndsWhenTheServiceIsReady() throws Exception {
        serve(HttpServer.create(), 3);

        assertThat(health("", "--wait", "20s")).isZero();
        assertThat(asked).hasValue(3);
    }

    @Test
    void liveAsksForLiveness() throws Exception {
        serve(HttpServer.create(), 2);

        assertThat(health("", "--live")).isZero();
    }

    @Test
    void silentServiceIsNamedWithItsAddress() throws Exception {
        serve(HttpServer.create(), 1);
        server.stop(0);

        assertThat(health("")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .startsWith("no answer from http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Test
    void serviceOnAnyFreePortCannotBeFound() throws Exception {
        Files.writeString(folder.resolve("sluice.yaml"), "http.port: 0\n");

        assertThat(execute()).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("http.port is 0");
    }

    @Test
    void certificateOfTheServiceIsTrustedThoughItNamesAnotherHost() throws Exception {
        SelfSigned certificate =
                SelfSigned.create(folder.resolve("server.p12"), "sluice.example.org");
        Files.writeString(folder.resolve("tls.crt"), certificate.certificatePem());
        HttpsServer secure = HttpsServer.create();
        secure.setHttpsConfigurator(new HttpsConfigurator(presenting(certificate)));
        serve(secure, 1);

        int code =
                health(
                        "  tls: {certificate: %s, key: %s}\n"
                                .formatted(folder.resolve("tls.crt"), folder.resolve("tls.key")));

        assertThat(code).as(out.toString()).isZero();
    }

    private static SSLContext presenting(SelfSigned certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = certificate.password().toCharArray();
        try (FileInputStream file = new FileInputStream(certificate.store().toFile())) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** Answers that it is ready from the given question on; it is always live. */
    private void serve(HttpServer created, int readyAt) throws IOException {
        server = created;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/health",
                exchange -> {
                    boolean isLive = exchange.getRequestURI().getPath().endsWith("/live");
                    boolean isUp = asked.incrementAndGet() >= readyAt || isLive;
                    byte[] body = (isUp ? UP : DOWN).getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(isUp ? 200 : 503, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    private int health(String furtherSettings, String... options) throws IOException {
        Files.writeString(
                folder.resolve("sluice.yaml"),
                "http:\n  host: 0.0.0.0\n  port: %d\n%s"
                        .formatted(server.getAddress().getPort(), furtherSettings));
        return execute(options);
    }

    private int execute(String... options) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 3];
        arguments[0] = "health";
        arguments[1] = "-c";
        arguments[2] = folder.resolve("sluice.yaml").toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return commandLine.execute(arguments);
    }
}
