package dev.sluice.contract.serde;

import dev.sluice.contract.registry.HttpSchemaRegistry;
import dev.sluice.contract.registry.SchemaRegistry;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the serializer and the deserializer share: their settings and the registry client. */
abstract class RegistrySerde implements AutoCloseable {
    private @Nullable SchemaRegistry registry;
    private @Nullable SerdeConfig config;
    private boolean isKey;

    /** Called by Kafka's clients. */
    public void configure(Map<String, ?> settings, boolean isKey) {
        configure(settings, isKey, null);
    }

    /**
     * As {@link #configure(Map, boolean)}, with a registry client that the caller shares and
     * closes.
     */
    public void configure(
            Map<String, ?> settings, boolean isKey, @Nullable SchemaRegistry sharedRegistry) {
        SerdeConfig parsed = SerdeConfig.from(settings, isKey);
        this.config = parsed;
        this.isKey = isKey;
        this.registry =
                sharedRegistry != null ? sharedRegistry : new HttpSchemaRegistry(parsed.registry());
    }

    final SchemaRegistry registry() {
        return configured(registry);
    }

    final SerdeConfig config() {
        return configured(config);
    }

    final boolean isKey() {
        return isKey;
    }

    /** The subject of a topic's records in the registry. */
    final String subject(String topic) {
        return topic + (isKey ? "-key" : "-value");
    }

    @Override
    public void close() {
        if (registry != null) {
            registry.close();
        }
    }

    private static <V> V configured(@Nullable V part) {
        if (part == null) {
            throw new IllegalStateException("configure() was not called");
        }
        return part;
    }
}
