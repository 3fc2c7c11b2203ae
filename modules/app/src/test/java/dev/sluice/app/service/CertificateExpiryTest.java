package dev.sluice.app.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.devkit.SelfSigned;
import dev.sluice.runtime.metrics.SluiceMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateExpiryTest {
    /** Validity of the certificates that keytool makes. */
    private static final double DAYS = 90;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    /** Ten days from now. */
    private final CertificateExpiry expiry =
            new CertificateExpiry(
                    new SluiceMetrics(meters),
                    InstantSource.fixed(Instant.now().plus(Duration.ofDays(10))));

    private SelfSigned certificate;

    @TempDir private Path folder;

    @BeforeEach
    void create() {
        certificate = SelfSigned.create(folder.resolve("store.p12"), "localhost");
    }

    @Test
    void certificateOfTheHttpEndpointsIsReadWithEachScrape() throws IOException {
        Path file = folder.resolve("http.pem");
        Files.writeString(file, certificate.keyPem() + "\n" + certificate.certificatePem());
        expiry.http(file);
        assertThat(days("http")).isCloseTo(DAYS - 10, within(0.1));

        Files.delete(file);

        assertThat(days("http")).isNaN();
    }

    @Test
    void storesOfKafkaClientsAreRead() {
        String store = certificate.store().toString();
        expiry.kafka(
                Map.of(
                        "ssl.keystore.location",
                        store,
                        "ssl.keystore.type",
                        "PKCS12",
                        "ssl.keystore.password",
                        certificate.password(),
                        "ssl.truststore.certificates",
                        certificate.certificatePem(),
                        "ssl.truststore.type",
                        "PEM"));

        assertThat(days("kafka-client")).isCloseTo(DAYS - 10, within(0.1));
        assertThat(days("kafka-authority")).isCloseTo(DAYS - 10, within(0.1));
    }

    @Test
    void storeWithAWrongPasswordHasNoNumber() {
        expiry.kafka(
                Map.of(
                        "ssl.keystore.location",
                        certificate.store().toString(),
                        "ssl.keystore.password",
                        "wrong"));

        assertThat(days("kafka-client")).isNaN();
    }

    @Test
    void trustStoreNeedsNoPassword() throws Exception {
        KeyStore trusted = KeyStore.getInstance("JKS");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "broker",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        certificate.certificatePem().getBytes(UTF_8))));
        Path store = folder.resolve("trusted.jks");
        try (OutputStream out = Files.newOutputStream(store)) {
            trusted.store(out, "password".toCharArray());
        }

        expiry.kafka(
                Map.of("ssl.truststore.location", store.toString(), "ssl.truststore.type", "JKS"));

        assertThat(days("kafka-authority")).isCloseTo(DAYS - 10, within(0.1));
    }

    @Test
    void connectionWithoutCertificatesHasNoMetric() {
        expiry.kafka(Map.of("bootstrap.servers", "localhost:9092"));

        assertThat(meters.find("sluice.certificate.days").gauges()).isEmpty();
    }

    private double days(String label) {
        return meters.get("sluice.certificate.days").tag("certificate", label).gauge().value();
    }
}
