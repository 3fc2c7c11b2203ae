package dev.sluice.contract.registry;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * TLS to the registry, from Kafka's own settings below {@code schema.registry.}: stores as files
 * (JKS, PKCS12, PEM) or as PEM text.
 */
final class RegistryTls {
    /** Confluent's prefix. */
    static final String PREFIX = "schema.registry.ssl.";

    private static final String KAFKA_PREFIX = "schema.registry.";

    private static final ConfigDef DEFINITION = new ConfigDef().withClientSslSupport();

    /** Settings that this client does not apply. */
    private static final Set<String> UNSUPPORTED =
            Set.of(
                    SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG,
                    SslConfigs.SSL_CIPHER_SUITES_CONFIG,
                    SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG);

    private RegistryTls() {}

    /**
     * The TLS context; empty if no setting asks for one, and the JVM's own applies.
     *
     * @throws ConfigException for a setting that is unknown or not supported, and for a store that
     *     cannot be read, naming the key
     */
    static Optional<SSLContext> context(Map<String, ?> settings) {
        Map<String, Object> given = new HashMap<>();
        settings.forEach((key, value) -> {
            if (key.startsWith(PREFIX) && value != null) {
                given.put(key.substring(KAFKA_PREFIX.length()), value);
            }
        });
        if (given.isEmpty()) {
            return Optional.empty();
        }
        requireSupported(given.keySet());
        Map<String, Object> parsed = DEFINITION.parse(given);
        if (String.valueOf(parsed.get(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG))
                .isEmpty()) {
            throw new ConfigException(
                    PREFIX
                            + "endpoint.identification.algorithm cannot be empty: the registry's"
                            + " certificate must name its host");
        }
        try (DefaultSslEngineFactory factory = new DefaultSslEngineFactory()) {
            factory.configure(parsed);
            return Optional.of(factory.sslContext());
        } catch (KafkaException e) {
            throw new ConfigException(
                    "the settings "
                            + PREFIX
                            + "* cannot be used: "
                            + e.getMessage()
                            + (e.getCause() == null ? "" : ": " + e.getCause().getMessage()));
        }
    }

    private static void requireSupported(Set<String> keys) {
        Set<String> rejected = new TreeSet<>();
        for (String key : keys) {
            if (UNSUPPORTED.contains(key) || !DEFINITION.names().contains(key)) {
                rejected.add(KAFKA_PREFIX + key);
            }
        }
        if (!rejected.isEmpty()) {
            throw new ConfigException(
                    "not supported by this Avro serde: " + String.join(", ", rejected));
        }
    }
}
