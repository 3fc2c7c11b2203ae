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
            List.of("rule.executors", "rule.actions", "rule.service.");

    private static final Set<String> NAMES =
            Set.of(
                    "use.schema.id",
                    "use.schema.guid",
                    "use.latest.with.metadata",
                    "context.name.strategy",
                    "avro.reflection.allow.null",
                    "schema.reflection",
                    "specific.avro.key.type",
                    "propagate.schema.tags",
                    "enable.rule.service.loader");

    /** Values that ask for the default behaviour, and are therefore accepted. */
    private static final Map<String, Set<String>> HARMLESS =
            Map.of(
                    "bearer.auth.scope.claim.name", Set.of("scope"),
                    "bearer.auth.sub.claim.name", Set.of("sub"),
                    "use.schema.id", Set.of("-1"),
                    "avro.reflection.allow.null", Set.of("false"),
                    "schema.reflection", Set.of("false"),
                    "propagate.schema.tags", Set.of("false"));

    private UnsupportedSettings() {}

    /** Settings of which every one matters, so that a misspelt one is found. */
    private static boolean isOfClient(String name) {
        return name.startsWith("bearer.auth.")
                || name.startsWith("basic.auth.")
                || name.startsWith("proxy.");
    }

    static void refuse(Map<String, ?> settings) {
        Set<String> unsupportedKeys = new TreeSet<>();
        settings.forEach((key, value) -> {
            String name =
                    key.startsWith("schema.registry.")
                            ? key.substring("schema.registry.".length())
                            : key;
            boolean unsupported =
                    (isOfClient(name) && !RegistryConfig.knows(name))
                            || NAMES.contains(name)
                            || PREFIXES.stream().anyMatch(name::startsWith);
            if (value != null
                    && unsupported
                    && !HARMLESS.getOrDefault(name, Set.of()).contains(value.toString())) {
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
