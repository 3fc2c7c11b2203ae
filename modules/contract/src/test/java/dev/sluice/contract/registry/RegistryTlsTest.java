package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.EmbeddedRegistry.Protection;
import dev.sluice.devkit.SelfSigned;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry behind TLS, with Confluent's settings {@code schema.registry.ssl.*}. */
class RegistryTlsTest {
    private static final Schema TEXT = Schema.create(Schema.Type.STRING);

    @TempDir private static Path folder;
    private static SelfSigned server;
    private static SelfSigned client;
    private static SelfSigned other;

    @BeforeAll
    static void createCertificates() {
        server = SelfSigned.create(folder.resolve("server.p12"), "127.0.0.1");
        client = SelfSigned.create(folder.resolve("client.p12"), "client");
        other = SelfSigned.create(folder.resolve("other.p12"), "other.example.org");
    }

    @Test
    void registryWhoseCertificateIsInTheTrustStoreIsRead() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(Protection.NONE.withTls(server));
                SchemaRegistry schemas = client(registry, trust(server))) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();
        }
    }

    @Test
    void trustedCertificateMayBePemText() {
        Map<String, String> settings =
                Map.of(
                        "schema.registry.ssl.truststore.type",
                        "PEM",
                        "schema.registry.ssl.truststore.certificates",
                        server.certificatePem());

        try (EmbeddedRegistry registry = EmbeddedRegistry.start(Protection.NONE.withTls(server));
                SchemaRegistry schemas = client(registry, settings)) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();
        }
    }

    @Test
    void certificateThatIsNotTrustedNamesTheTrustStore() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(Protection.NONE.withTls(server));
                SchemaRegistry schemas = client(registry, trust(other))) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("certificate is not trusted")
                    .hasMessageContaining("schema.registry.ssl.truststore");
        }
    }

    @Test
    void certificateOfAnotherHostIsRejected() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(Protection.NONE.withTls(other));
                SchemaRegistry schemas = client(registry, trust(other))) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void clientCertificateIsSent() {
        Map<String, String> settings = trust(server);
        settings.put("schema.registry.ssl.keystore.location", client.store().toString());
        settings.put("schema.registry.ssl.keystore.password", client.password());

        try (EmbeddedRegistry registry = EmbeddedRegistry.start(forClient());
                SchemaRegistry schemas = client(registry, settings)) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();
        }
    }

    @Test
    void clientCertificateMayBePemText() {
        Map<String, String> settings = trust(server);
        settings.put("schema.registry.ssl.keystore.type", "PEM");
        settings.put("schema.registry.ssl.keystore.key", client.keyPem());
        settings.put("schema.registry.ssl.keystore.certificate.chain", client.certificatePem());

        try (EmbeddedRegistry registry = EmbeddedRegistry.start(forClient());
                SchemaRegistry schemas = client(registry, settings)) {
            assertThat(schemas.register("s", TEXT, false)).isPositive();
        }
    }

    @Test
    void missingClientCertificateNamesTheSettings() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(forClient());
                SchemaRegistry schemas = client(registry, trust(server))) {
            assertThatThrownBy(() -> schemas.register("s", TEXT, false))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("schema.registry.ssl.");
        }
    }

    @Test
    void wrongPasswordOfAStoreIsAMistakeThatDoesNotShowThePassword() {
        Map<String, String> settings = trust(server);
        settings.put("schema.registry.ssl.truststore.password", "wrong-canary");
        settings.put("schema.registry.url", "https://127.0.0.1:1");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.ssl.")
                .hasMessageContaining(server.store().toString())
                .hasMessageNotContaining("canary");
    }

    @Test
    void damagedPemTextIsAMistake() {
        Map<String, String> settings =
                Map.of(
                        "schema.registry.url",
                        "https://127.0.0.1:1",
                        "schema.registry.ssl.truststore.type",
                        "PEM",
                        "schema.registry.ssl.truststore.certificates",
                        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.ssl.");
    }

    @Test
    void hostNamesAreAlwaysChecked() {
        Map<String, String> settings = trust(server);
        settings.put("schema.registry.ssl.endpoint.identification.algorithm", "");
        settings.put("schema.registry.url", "https://127.0.0.1:1");

        assertThatThrownBy(() -> RegistryConfig.from(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("endpoint.identification.algorithm");
    }

    private static Protection forClient() {
        return Protection.NONE.withTls(server).withClientCertificate(client);
    }

    private static Map<String, String> trust(SelfSigned trusted) {
        Map<String, String> settings = new HashMap<>();
        settings.put("schema.registry.ssl.truststore.location", trusted.store().toString());
        settings.put("schema.registry.ssl.truststore.password", trusted.password());
        settings.put("schema.registry.ssl.truststore.type", "PKCS12");
        return settings;
    }

    private static SchemaRegistry client(EmbeddedRegistry registry, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("schema.registry.url", registry.url());
        all.put("max.retries", "0");
        return new HttpSchemaRegistry(RegistryConfig.from(all));
    }
}
