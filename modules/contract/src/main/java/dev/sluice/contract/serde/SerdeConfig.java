package dev.sluice.contract.serde;

import dev.sluice.contract.registry.RegistryConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/** The settings of the serializer and deserializer, with Confluent's names and defaults. */
record SerdeConfig(
        RegistryConfig registry,
        boolean autoRegister,
        boolean useLatest,
        boolean latestStrict,
        Duration latestLife,
        boolean normalize,
        boolean removeJavaProperties,
        boolean logicalTypeConverters,
        boolean specificReader,
        String specificValueType,
        boolean failOnTrailingData) {

    private static final Set<String> STRATEGIES =
            Set.of("io.confluent.kafka.serializers.subject.TopicNameStrategy", "TopicNameStrategy");
    private static final Set<String> PREFIX_FORMAT =
            Set.of(
                    "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer",
                    "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdDeserializer",
                    "io.confluent.kafka.serializers.schema.id.DualSchemaIdDeserializer");

    private static final ConfigDef DEFINITION =
            new ConfigDef()
                    .define(
                            "auto.register.schemas",
                            ConfigDef.Type.BOOLEAN,
                            true,
                            Importance.HIGH,
                            "Register a schema that is new to the subject.")
                    .define(
                            "use.latest.version",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.MEDIUM,
                            "Write with the subject's newest schema; needs"
                                    + " auto.register.schemas=false.")
                    .define(
                            "latest.compatibility.strict",
                            ConfigDef.Type.BOOLEAN,
                            true,
                            Importance.LOW,
                            "Reject a newest schema that cannot read the record's own.")
                    .define(
                            "latest.cache.ttl.sec",
                            ConfigDef.Type.LONG,
                            -1,
                            Importance.LOW,
                            "How long the newest schema is remembered; -1 for ever.")
                    .define(
                            "normalize.schemas",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.LOW,
                            "Ask the registry to compare normalized schemas.")
                    .define(
                            "avro.remove.java.properties",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.LOW,
                            "Keep avro.java.string out of the registered text.")
                    .define(
                            "avro.use.logical.type.converters",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.LOW,
                            "Java types for logical types in generic records.")
                    .define(
                            "specific.avro.reader",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.HIGH,
                            "Read into generated classes.")
                    .define(
                            "specific.avro.value.type",
                            ConfigDef.Type.STRING,
                            "",
                            Importance.LOW,
                            "The generated class to read values into.")
                    .define(
                            "avro.fail.on.trailing.data",
                            ConfigDef.Type.BOOLEAN,
                            false,
                            Importance.LOW,
                            "Reject bytes after the record.");

    static SerdeConfig from(Map<String, ?> settings, boolean isKey) {
        String part = isKey ? "key" : "value";
        requireOneOf(settings, part + ".subject.name.strategy", STRATEGIES);
        requireOneOf(settings, part + ".schema.id.serializer", PREFIX_FORMAT);
        requireOneOf(settings, part + ".schema.id.deserializer", PREFIX_FORMAT);
        AbstractConfig parsed = new AbstractConfig(DEFINITION, settings, false);
        boolean autoRegister = parsed.getBoolean("auto.register.schemas");
        boolean useLatest = parsed.getBoolean("use.latest.version");
        if (autoRegister && useLatest) {
            throw new ConfigException(
                    "use.latest.version has no effect while auto.register.schemas is true; set"
                            + " auto.register.schemas=false");
        }
        long latestSeconds = parsed.getLong("latest.cache.ttl.sec");
        return new SerdeConfig(
                RegistryConfig.from(settings),
                autoRegister,
                useLatest,
                parsed.getBoolean("latest.compatibility.strict"),
                latestSeconds < 0 ? Duration.ofDays(36_500) : Duration.ofSeconds(latestSeconds),
                parsed.getBoolean("normalize.schemas"),
                parsed.getBoolean("avro.remove.java.properties"),
                parsed.getBoolean("avro.use.logical.type.converters"),
                parsed.getBoolean("specific.avro.reader"),
                isKey ? "" : parsed.getString("specific.avro.value.type"),
                parsed.getBoolean("avro.fail.on.trailing.data"));
    }

    private static void requireOneOf(Map<String, ?> settings, String key, Set<String> supported) {
        Object value = settings.get(key);
        String name = value instanceof Class<?> type ? type.getName() : String.valueOf(value);
        if (value != null && !supported.contains(name)) {
            throw new ConfigException(
                    key, name, "is not supported by this Avro serde, which has " + supported);
        }
    }
}
