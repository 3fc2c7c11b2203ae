package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings.TlsFiles;
import dev.sluice.app.config.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/** The certificate of the HTTP endpoints, read from PEM files. */
public final class Certificate {
    private Certificate() {}

    /**
     * TLS that presents the certificate.
     *
     * @throws InvalidConfigException if a file cannot be read or has no such content
     */
    static SSLContext presenting(TlsFiles files) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, DefaultSslEngineFactory.PEM_TYPE);
        settings.put(
                SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
                text("http.tls.certificate", files.certificate()));
        settings.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, text("http.tls.key", files.key()));
        return context(
                settings,
                "http.tls.certificate and http.tls.key must be PEM files, the key in PKCS 8 (BEGIN"
                        + " PRIVATE KEY) and not encrypted");
    }

    /**
     * TLS of a client that trusts this certificate only.
     *
     * @throws InvalidConfigException if the file cannot be read or has no certificate
     */
    public static SSLContext trusting(TlsFiles files) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, DefaultSslEngineFactory.PEM_TYPE);
        settings.put(
                SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG,
                text("http.tls.certificate", files.certificate()));
        return context(settings, "http.tls.certificate must be a PEM file");
    }

    /** When the files were last changed. */
    static List<FileTime> version(TlsFiles files) throws IOException {
        return List.of(
                Files.getLastModifiedTime(files.certificate()),
                Files.getLastModifiedTime(files.key()));
    }

    private static SSLContext context(Map<String, Object> settings, String problem) {
        try (DefaultSslEngineFactory factory = new DefaultSslEngineFactory()) {
            factory.configure(new ConfigDef().withClientSslSupport().parse(settings));
            return factory.sslContext();
        } catch (KafkaException e) {
            throw new InvalidConfigException(List.of(problem + ": " + e.getMessage()));
        }
    }

    private static String text(String key, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidConfigException(List.of(key + " cannot be read: " + e));
        }
    }
}
