package dev.sluice.contract.registry;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;

/**
 * Rejects settings of Confluent's serializers that this implementation does not have and that would
 * change the bytes written, read or sent. Ignoring one would silently corrupt data or weaken
 * security.
 */
final class UnsupportedSettings {
    private static final List<String> PREFIXES =
            List.of(
                    "bearer.auth.",
                    "schema.registry.bearer.auth.",
                    "schema.registry.ssl.",
                    "rule.executors",
                    "rule.actions",
                    "rule.service.",
                    "request.header.",
                    "schema.registry.request.header.");

    private static final Set<String> NAMES =
            Set.of(
                    "use.schema.id",
                    "use.schema.guid",
                    "use.latest.with.metadata",
                    "context.name.strategy",
                    "proxy.host",
                    "proxy.port",
                    "schema.registry.proxy.host",
                    "schema.registry.proxy.port",
                    "avro.reflection.allow.null",
                    "schema.reflection",
                    "specific.avro.key.type",
                    "propagate.schema.tags",
                    "enable.rule.service.loader");

    /** Values that ask for the default behaviour, and are therefore accepted. */
    private static final Map<String, Set<String>> HARMLESS =
            Map.of(
                    "use.schema.id", Set.of("-1"),
                    "avro.reflection.allow.null", Set.of("false"),
                    "schema.reflection", Set.of("false"),
                    "propagate.schema.tags", Set.of("false"));

    private UnsupportedSettings() {}

    static void refuse(Map<String, ?> settings) {
        Set<String> unsupportedKeys = new TreeSet<>();
        settings.forEach((key, value) -> {
            boolean unsupported =
                    NAMES.contains(key) || PREFIXES.stream().anyMatch(key::startsWith);
            if (value != null
                    && unsupported
                    && !HARMLESS.getOrDefault(key, Set.of()).contains(value.toString())) {
                unsupportedKeys.add(key);
            }
        });
        if (!unsupportedKeys.isEmpty()) {
            throw new ConfigException(
                    "not supported by this Avro serde: "
                            + String.join(", ", unsupportedKeys)
                            + "; remove the setting or use Confluent's own serializer");
        }
    }
}
