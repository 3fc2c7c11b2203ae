package dev.sluice.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.model.Secret;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.HttpSettings.TlsFiles;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.ConsoleHistory;
import dev.sluice.app.console.ConsoleState;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.devkit.SelfSigned;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is served users' data, and TLS. */
class HttpAccessTest {
    private static final String TOKEN = "0123456789abcdef";
    private static final String EVERYWHERE = "0.0.0.0";

    @TempDir private static Path certificates;
    private static SelfSigned first;
    private static SelfSigned second;

    @TempDir private Path folder;

    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Health health = new Health();
    private final RecentDeadLetters deadLetters = new RecentDeadLetters();
    private final Console console =
            Console.start(
                    new ConsoleState(meters, health, Set.of(), deadLetters),
                    new ConsoleHistory(meters));
    private HttpEndpoints endpoints;
    private Optional<TlsFiles> files = Optional.empty();

    @BeforeAll
    static void createCertificates() {
        first = SelfSigned.create(certificates.resolve("first.p12"), "127.0.0.1");
        second = SelfSigned.create(certificates.resolve("second.p12"), "127.0.0.1");
    }

    @BeforeEach
    void addADeadLetter() {
        deadLetters.add(
                new RecentDeadLetters.Entry(
                        Instant.EPOCH, "r-1", "ann", "seo", Reason.INVALID_OUTPUT, Stage.WORKER));
    }

    @AfterEach
    void stop() {
        if (endpoints != null) {
            endpoints.close();
        }
        console.close();
    }

    @Test
    void loopbackWithoutATokenServesEveryone() throws Exception {
        start("127.0.0.1", Optional.empty(), Optional.empty());

        assertThat(spend(Optional.empty()).statusCode()).isEqualTo(200);
    }

    @Test
    void configuredTokenIsNeededOnLoopbackToo() throws Exception {
        start("127.0.0.1", Optional.of(TOKEN), Optional.empty());

        HttpResponse<String> without = spend(Optional.empty());
        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(without.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertThat(without.body()).contains("http.token");
        assertThat(spend(Optional.of("Bearer wrong")).statusCode()).isEqualTo(401);
        assertThat(spend(Optional.of(TOKEN)).statusCode()).isEqualTo(401);
        assertThat(spend(Optional.of("Bearer " + TOKEN)).statusCode()).isEqualTo(200);
    }

    @Test
    void metricsAndHealthNeedNoToken() throws Exception {
        start(EVERYWHERE, Optional.of(TOKEN), Optional.empty());

        assertThat(ask("/metrics", Optional.empty()).statusCode()).isEqualTo(200);
        assertThat(ask("/health/live", Optional.empty()).statusCode()).isEqualTo(200);
    }

    @Test
    void outsideOfLoopbackNobodyIsServedWithoutAToken() throws Exception {
        start(EVERYWHERE, Optional.empty(), Optional.empty());

        HttpResponse<String> answer = spend(Optional.empty());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("http.token");
    }

    @Test
    void outsideOfLoopbackTheTokenIsNotTakenInClearText() throws Exception {
        start(EVERYWHERE, Optional.of(TOKEN), Optional.empty());

        HttpResponse<String> answer = spend(Optional.of("Bearer " + TOKEN));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("http.tls.certificate");
    }

    @Test
    void withTlsTheTokenIsTakenEverywhere() throws Exception {
        start(EVERYWHERE, Optional.of(TOKEN), Optional.of(files(first)));

        assertThat(endpoints.address()).hasScheme("https");
        assertThat(spend(Optional.empty()).statusCode()).isEqualTo(401);
        assertThat(spend(Optional.of("Bearer " + TOKEN)).statusCode()).isEqualTo(200);
    }

    @Test
    void renewedCertificateIsUsedWithoutARestart() throws Exception {
        TlsFiles files = files(first);
        start("127.0.0.1", Optional.empty(), Optional.of(files));
        assertThat(ask("/health/live", Optional.empty()).statusCode()).isEqualTo(200);

        write(files, second, Instant.now().plusSeconds(5));

        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() ->
                        assertThat(ask("/health/live", Optional.empty()).statusCode())
                                .isEqualTo(200));
    }

    @Test
    void certificateThatCannotBeUsedLeavesTheEarlierOne() throws Exception {
        TlsFiles files = files(first);
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(Certificate.presenting(files));
        tls.start();
        CertificateReload reload = new CertificateReload(files, tls, Certificate.version(files));
        SSLContext before = tls.getSslContext();
        Files.writeString(files.certificate(), "not a certificate");
        Files.setLastModifiedTime(files.certificate(), FileTime.from(Instant.now().plusSeconds(5)));

        reload.look();
        assertThat(tls.getSslContext()).isSameAs(before);

        Files.writeString(files.certificate(), second.certificatePem());
        reload.look();
        assertThat(tls.getSslContext()).as("the key is still of the first").isSameAs(before);

        Files.writeString(files.key(), second.keyPem());
        reload.look();
        assertThat(tls.getSslContext()).isNotSameAs(before);
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws Exception {
        TlsFiles files = files(first);
        Files.writeString(files.key(), second.keyPem());

        assertThatThrownBy(() -> start("127.0.0.1", Optional.empty(), Optional.of(files)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("http.tls.key is not the key of http.tls.certificate");
    }

    @Test
    void keyThatIsNotInPkcs8IsRefusedWithTheForm() throws Exception {
        TlsFiles files = files(first);
        Files.writeString(
                files.key(),
                "-----BEGIN RSA PRIVATE KEY-----\nMAUCAQACAQA=\n-----END RSA PRIVATE KEY-----\n");

        assertThatThrownBy(() -> start("127.0.0.1", Optional.empty(), Optional.of(files)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("http.tls.key")
                .hasMessageContaining("PKCS 8");
    }

    private TlsFiles files(SelfSigned certificate) throws IOException {
        TlsFiles files = new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        write(files, certificate, Instant.now());
        return files;
    }

    private static void write(TlsFiles files, SelfSigned certificate, Instant time)
            throws IOException {
        Files.writeString(files.certificate(), certificate.certificatePem());
        Files.writeString(files.key(), certificate.keyPem());
        Files.setLastModifiedTime(files.certificate(), FileTime.from(time));
        Files.setLastModifiedTime(files.key(), FileTime.from(time));
    }

    private void start(String host, Optional<String> token, Optional<TlsFiles> tls) {
        endpoints =
                HttpEndpoints.start(
                        new HttpSettings(host, 0, token.map(Secret::new), tls, true),
                        meters,
                        health,
                        user -> Optional.of("{\"userId\":\"" + user + "\"}"),
                        console,
                        new FakeOperations());
        this.files = tls;
    }

    @Test
    void consoleShowsEveryoneItsNumbersAndIdsToWhoHasTheToken() throws Exception {
        start("127.0.0.1", Optional.of(TOKEN), Optional.empty());

        assertThat(firstEvent(Optional.empty()))
                .contains("INVALID_OUTPUT", "http.token", "\"tokenHelps\":true")
                .doesNotContain("r-1", "ann");
        assertThat(firstEvent(Optional.of("Bearer " + TOKEN)))
                .contains("r-1", "ann")
                .doesNotContain("idsHidden");
        assertThat(ask("/api/console", Optional.of("Bearer 0123456789abcdeF")).statusCode())
                .isEqualTo(401);
    }

    @Test
    void consoleShowsNoIdsOutsideOfLoopbackWithoutATokenAndTls() throws Exception {
        start(EVERYWHERE, Optional.empty(), Optional.empty());

        assertThat(firstEvent(Optional.of("Bearer " + TOKEN)))
                .contains("INVALID_OUTPUT", "\"tokenHelps\":false")
                .doesNotContain("r-1", "ann");
    }

    /** A page of the web whose name leads to this machine asks with that name. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 200",
        "localhost:8080, 200",
        "[::1]:8080, 200",
        "evil.example, 403",
        "127.0.0.1.evil.example, 403",
        "localhost.evil.example, 403",
    })
    void loopbackWithoutATokenServesOnlyWhoAsksLoopback(String host, int status) throws Exception {
        start("127.0.0.1", Optional.empty(), Optional.empty());

        assertThat(rawAnswer("/api/spend/ann", host)).startsWith("HTTP/1.1 " + status);
        if (status == 403) {
            assertThat(rawAnswer("/api/spend/ann", host)).doesNotContain("userId");
        }
    }

    private String rawAnswer(String path, String host) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", address().getPort())) {
            socket.getOutputStream()
                    .write(
                            "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                                    .formatted(path, host)
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String firstEvent(Optional<String> authorization) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(address().resolve("/api/console"));
            authorization.ifPresent(value -> request.header("Authorization", value));
            try (Stream<String> lines =
                    client.send(request.build(), BodyHandlers.ofLines()).body()) {
                return lines.findFirst().orElseThrow();
            } finally {
                client.shutdownNow();
            }
        }
    }

    private URI address() {
        return URI.create(endpoints.address().toString().replace(EVERYWHERE, "127.0.0.1"));
    }

    private HttpResponse<String> spend(Optional<String> authorization) throws Exception {
        return ask("/api/spend/ann", authorization);
    }

    /** Asks on loopback; trusts what the certificate's file now has. */
    private HttpResponse<String> ask(String path, Optional<String> authorization)
            throws IOException, InterruptedException {
        HttpClient.Builder builder = HttpClient.newBuilder();
        files.ifPresent(used -> builder.sslContext(Certificate.trusting(used)));
        try (HttpClient client = builder.build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(address().resolve(path));
            authorization.ifPresent(value -> request.header("Authorization", value));
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }
}
