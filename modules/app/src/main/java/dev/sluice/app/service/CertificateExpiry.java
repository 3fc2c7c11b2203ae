package dev.sluice.app.service;

import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reports in how many days this process's certificates expire. The files are read with each scrape,
 * so that a renewed certificate shows at once. The metric is NaN while a file cannot be read.
 */
final class CertificateExpiry {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");
    private static final double SECONDS_OF_A_DAY = Duration.ofDays(1).toSeconds();

    private final SluiceMetrics metrics;
    private final InstantSource clock;

    CertificateExpiry(SluiceMetrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    private interface Source {
        List<X509Certificate> read() throws IOException, GeneralSecurityException;
    }

    /** Registers the certificate of the HTTP endpoints, a PEM file. */
    void http(Path file) {
        register("http", () -> pem(Files.readString(file)));
    }

    /**
     * Registers the certificates of the connection to the brokers, as far as it has any.
     *
     * @param client settings of Kafka's clients
     */
    void kafka(Map<String, Object> client) {
        kafka("kafka-client", "ssl.keystore", "ssl.keystore.certificate.chain", client);
        kafka("kafka-authority", "ssl.truststore", "ssl.truststore.certificates", client);
    }

    private void kafka(String label, String prefix, String inline, Map<String, Object> client) {
        Optional<String> text = setting(client, inline);
        Optional<Path> file = setting(client, prefix + ".location").map(Path::of);
        String type = setting(client, prefix + ".type").orElse(KeyStore.getDefaultType());
        Optional<String> password = setting(client, prefix + ".password");
        if (text.isPresent()) {
            register(label, () -> pem(text.get()));
        } else if (file.isPresent() && type.equals("PEM")) {
            register(label, () -> pem(Files.readString(file.get())));
        } else {
            file.ifPresent(path -> register(label, () -> store(path, type, password)));
        }
    }

    private static Optional<String> setting(Map<String, Object> client, String name) {
        return Optional.ofNullable(client.get(name)).map(Object::toString);
    }

    private void register(String label, Source source) {
        metrics.gauge(Metric.CERTIFICATE_DAYS, () -> days(source), label);
    }

    private double days(Source source) {
        try {
            return source.read().stream()
                    .mapToDouble(certificate -> days(certificate.getNotAfter().toInstant()))
                    .min()
                    .orElse(Double.NaN);
        } catch (IOException | GeneralSecurityException e) {
            return Double.NaN;
        }
    }

    private double days(Instant end) {
        return Duration.between(clock.instant(), end).toSeconds() / SECONDS_OF_A_DAY;
    }

    private static List<X509Certificate> pem(String text) throws GeneralSecurityException {
        String certificates =
                PEM.matcher(text)
                        .results()
                        .map(found -> found.group())
                        .collect(Collectors.joining("\n"));
        List<X509Certificate> all = new ArrayList<>();
        for (Certificate each :
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(
                                        certificates.getBytes(StandardCharsets.UTF_8)))) {
            all.add((X509Certificate) each);
        }
        return all;
    }

    /** Without a password, the store's integrity is not checked, as in Kafka's clients. */
    private static List<X509Certificate> store(Path file, String type, Optional<String> password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password.map(String::toCharArray).orElse(null));
        }
        List<X509Certificate> all = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.getCertificate(alias) instanceof X509Certificate certificate) {
                all.add(certificate);
            }
        }
        return all;
    }
}
