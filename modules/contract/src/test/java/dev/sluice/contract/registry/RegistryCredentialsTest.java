package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.EmbeddedRegistry.Protection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bearer tokens, an OAuth server, a proxy and further headers. */
class RegistryCredentialsTest {
    private static final Schema TEXT = Schema.create(Schema.Type.STRING);

    private final List<String> forms = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong now = new AtomicLong();
    private HttpServer tokens;
    private volatile int status = 200;
    private volatile String accepted = "Bearer token-1";

    @BeforeEach
    void startTokenServer() throws IOException {
        tokens = server();
        tokens.createContext("/token", this::giveToken);
        tokens.start();
    }

    @AfterEach
    void stopTokenServer() {
        tokens.stop(0);
    }

    @Test
    void staticTokenIsSent() {
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas =
                        client(
                                registry,
                                Map.of(
                                        "bearer.auth.credentials.source",
                                        "STATIC_TOKEN",
                                        "bearer.auth.token",
                                        "token-1"))) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();
        }
    }

    @Test
    void wrongTokenIsRejected() {
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas =
                        client(
                                registry,
                                Map.of(
                                        "schema.registry.bearer.auth.credentials.source",
                                        "STATIC_TOKEN",
                                        "schema.registry.bearer.auth.token",
                                        "canary"))) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(AuthenticationException.class)
                    .hasMessageNotContaining("canary");
        }
    }

    @Test
    void tokenOfTheOAuthServerIsUsedForManyRequests() {
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, oauth())) {
            for (int i = 0; i < 5; i++) {
                assertThat(schemas.register("s" + i, TEXT, false)).isPositive();
            }
        }

        assertThat(forms)
                .containsExactly("ann:s3cr%25et grant_type=client_credentials&scope=read+write");
    }

    @Test
    void tokenThatTheRegistryNoLongerAcceptsIsReplaced() {
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, oauth())) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();

            accepted = "Bearer token-2";
            now.addAndGet(Duration.ofSeconds(10).toNanos());

            assertThat(schemas.register("t", TEXT, false)).isPositive();
            assertThat(forms).hasSize(2);
        }
    }

    @Test
    void registryThatRejectsEveryTokenCostsNoFurtherTokens() {
        accepted = "none";
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, oauth())) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                        .isInstanceOf(AuthenticationException.class);
            }
        }

        assertThat(forms).hasSize(1);
    }

    @Test
    void rejectedClientNamesItsSettings() {
        status = 401;
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, oauth())) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(AuthenticationException.class)
                    .hasMessageContaining("bearer.auth.client.id")
                    .hasMessageContaining("bearer.auth.client.secret")
                    .hasMessageNotContaining("s3cr");
        }
    }

    @Test
    void brokenOAuthServerIsAnOutage() {
        status = 503;
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, oauth())) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("bearer.auth.issuer.endpoint.url");
        }
    }

    @Test
    void silentOAuthServerIsAnOutage() {
        status = 0;
        Map<String, String> settings = new HashMap<>(oauth());
        settings.put("http.connect.timeout.ms", "200");
        settings.put("http.read.timeout.ms", "200");
        try (EmbeddedRegistry registry = guarded();
                SchemaRegistry schemas = client(registry, settings)) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("127.0.0.1:" + tokens.getAddress().getPort());
        }
    }

    @Test
    void missingSettingIsNamed() {
        Map<String, String> settings = new HashMap<>(oauth());
        settings.remove("bearer.auth.client.secret");
        settings.put("schema.registry.url", "http://registry:8081");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("bearer.auth.client.secret is missing");
    }

    @Test
    void passwordAndTokenTogetherAreAMistake() {
        Map<String, String> settings = new HashMap<>(oauth());
        settings.put("schema.registry.url", "http://registry:8081");
        settings.put("basic.auth.credentials.source", "USER_INFO");
        settings.put("basic.auth.user.info", "ann:s3cret");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("both a password and a token");
    }

    @ParameterizedTest
    @CsvSource({
        "bearer.auth.client.secrt, x, bearer.auth.client.secrt",
        "bearer.auth.token, canary, needs bearer.auth.credentials.source",
        "request.header.Host, canary, names a header",
        "request.header.Authorization, canary, names a header",
        "request.header.X-A, canaryé, not ASCII",
        "schema.registry.url, https:/reg, no valid host",
        "schema.registry.url, http://reg_istry:8081, no valid host",
    })
    void settingThatWouldBeIgnoredOrFailLaterIsAMistake(String key, String value, String words) {
        Map<String, String> settings = new HashMap<>();
        settings.put("schema.registry.url", "http://registry:8081");
        settings.put(key, value);

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(words)
                .hasMessageNotContaining("canary");
    }

    @Test
    void tokenWithALineBreakIsAMistakeThatDoesNotShowIt() {
        Map<String, String> settings =
                Map.of(
                        "schema.registry.url",
                        "http://registry:8081",
                        "bearer.auth.credentials.source",
                        "STATIC_TOKEN",
                        "bearer.auth.token",
                        "canary\ncanary");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("bearer.auth.token")
                .hasMessageNotContaining("canary");
    }

    @Test
    void textFormsShowNoSecret() {
        Map<String, String> settings = new HashMap<>(oauth());
        settings.put("schema.registry.url", "http://ann:canary@registry:8081");
        settings.put("bearer.auth.client.secret", "canary");

        RegistryConfig config = RegistryConfig.from(settings);

        assertThat(config.toString() + config.credentials()).doesNotContain("canary");
    }

    @Test
    void headersOfConfluentCloudAndOwnOnesAreSent() throws IOException {
        HttpServer recorder = recorder();
        Map<String, String> settings =
                Map.of(
                        "bearer.auth.credentials.source",
                        "STATIC_TOKEN",
                        "bearer.auth.token",
                        "t",
                        "bearer.auth.logical.cluster",
                        "lsrc-1",
                        "bearer.auth.identity.pool.id",
                        "pool-1",
                        "request.header.X-Gateway",
                        "g");
        try (SchemaRegistry schemas = client(url(recorder), settings)) {
            assertThat(schemas.byId(1, "s").getType()).isEqualTo(Schema.Type.STRING);
        } finally {
            recorder.stop(0);
        }

        assertThat(forms).containsExactly("/schemas/ids/1 lsrc-1 pool-1 g");
    }

    @Test
    void requestsGoThroughTheProxy() throws IOException {
        HttpServer proxy = recorder();
        Map<String, String> settings =
                Map.of(
                        "proxy.host",
                        "127.0.0.1",
                        "proxy.port",
                        String.valueOf(proxy.getAddress().getPort()));
        try (SchemaRegistry schemas = client("http://registry.example.org", settings)) {
            assertThat(schemas.byId(1, "s").getType()).isEqualTo(Schema.Type.STRING);
        } finally {
            proxy.stop(0);
        }

        assertThat(forms).containsExactly("/schemas/ids/1 null null null");
    }

    @Test
    void proxyNeedsHostAndPort() {
        Map<String, String> settings =
                Map.of("schema.registry.url", "http://registry:8081", "proxy.host", "proxy");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("proxy.port");
    }

    private Map<String, String> oauth() {
        return Map.of(
                "bearer.auth.credentials.source",
                "OAUTHBEARER",
                "bearer.auth.issuer.endpoint.url",
                url(tokens) + "/token",
                "bearer.auth.client.id",
                "ann",
                "bearer.auth.client.secret",
                "s3cr%et",
                "bearer.auth.scope",
                "read write");
    }

    private void giveToken(HttpExchange exchange) throws IOException {
        String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String user = exchange.getRequestHeaders().getFirst("Authorization").substring(6);
        forms.add(
                new String(Base64.getDecoder().decode(user), StandardCharsets.UTF_8) + " " + form);
        if (status == 0) {
            return;
        }
        answer(
                exchange,
                status,
                status == 200
                        ? "{\"access_token\":\"token-" + forms.size() + "\",\"expires_in\":3600}"
                        : "{\"error\":\"invalid_client\"}");
    }

    /** A registry that notes paths and headers. */
    private HttpServer recorder() throws IOException {
        HttpServer recorder = server();
        recorder.createContext(
                "/",
                exchange -> {
                    forms.add(
                            exchange.getRequestURI().getPath()
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("target-sr-cluster")
                                    + " "
                                    + exchange.getRequestHeaders()
                                            .getFirst("Confluent-Identity-Pool-Id")
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("X-Gateway"));
                    answer(exchange, 200, "{\"schema\":\"\\\"string\\\"\"}");
                });
        recorder.start();
        return recorder;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private EmbeddedRegistry guarded() {
        return EmbeddedRegistry.start(
                Protection.NONE.withAuthorization(header -> header.equals(accepted)));
    }

    private static HttpServer server() throws IOException {
        return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private SchemaRegistry client(EmbeddedRegistry registry, Map<String, String> settings) {
        return client(registry.url(), settings);
    }

    private SchemaRegistry client(String url, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("schema.registry.url", url);
        all.put("max.retries", "0");
        return new HttpSchemaRegistry(RegistryConfig.from(all), now::get);
    }
}
