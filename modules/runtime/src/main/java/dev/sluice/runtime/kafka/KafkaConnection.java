package dev.sluice.runtime.kafka;

import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.HttpSchemaRegistry;
import dev.sluice.contract.registry.RegistryConfig;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;

/**
 * How to reach the brokers and the registry, and the names and sizes of what is there.
 *
 * @param client settings for every Kafka client, passed on untouched
 * @param registry the serde's settings, {@code schema.registry.url} among them
 * @param maxRequestBytes largest record on the requests topic; internal topics, dead letters and
 *     changelogs take four times as much
 */
public record KafkaConnection(
        Map<String, Object> client,
        Map<String, Object> registry,
        Topics topics,
        int maxRequestBytes) {
    private static final int INTERNAL_FACTOR = 4;

    /** Room for what a client adds around a record. */
    private static final int FRAMING_BYTES = 64 * 1024;

    public KafkaConnection {
        client = Map.copyOf(client);
        registry = Map.copyOf(registry);
    }

    /** Largest record on internal topics, dead letters and changelogs. */
    public int maxInternalBytes() {
        return Math.multiplyExact(maxRequestBytes, INTERNAL_FACTOR);
    }

    /**
     * Settings of a producer that can send the largest internal record. It does not compress: one
     * producer writes public and internal topics in one transaction, and not every client can read
     * what is fast. Topics say how the brokers keep it ({@link Codec}).
     */
    public Map<String, Object> producer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("compression.type", "none");
        settings.put("max.request.size", maxInternalBytes() + FRAMING_BYTES);
        settings.put("buffer.memory", Math.max(64L << 20, 2L * maxInternalBytes()));
        settings.putAll(client);
        return settings;
    }

    /** Settings of a consumer that reads what is committed, up to the largest internal record. */
    public Map<String, Object> consumer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "none");
        // A topic that is missing is said; brokers would make one with partitions of their own.
        settings.put("allow.auto.create.topics", false);
        settings.put("fetch.max.bytes", Math.max(50 << 20, maxInternalBytes()));
        settings.putAll(client);
        return settings;
    }

    /**
     * A client of the registry that gives up soon: whoever uses it in Sluice waits and asks again
     * itself.
     */
    public SchemaRegistry openRegistry() {
        return new HttpSchemaRegistry(RegistryConfig.from(serde()));
    }

    /** A serializer of values. */
    public <T> ConfluentAvroSerializer<T> serializer(SchemaRegistry shared) {
        ConfluentAvroSerializer<T> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(serde(), false, shared);
        return serializer;
    }

    /** A deserializer of values into a generated class, whatever the writer's schema is called. */
    public <T> ConfluentAvroDeserializer<T> deserializer(SchemaRegistry shared, Class<T> type) {
        Map<String, Object> settings = serde();
        settings.put("specific.avro.reader", true);
        settings.put("specific.avro.value.type", type.getName());
        ConfluentAvroDeserializer<T> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(settings, false, shared);
        return deserializer;
    }

    /** A deserializer of values that knows nothing but the registry. */
    public ConfluentAvroDeserializer<GenericRecord> genericDeserializer(SchemaRegistry shared) {
        Map<String, Object> settings = serde();
        settings.put("avro.use.logical.type.converters", true);
        ConfluentAvroDeserializer<GenericRecord> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(settings, false, shared);
        return deserializer;
    }

    private Map<String, Object> serde() {
        Map<String, Object> settings = new HashMap<>();
        // Short: whoever needs the registry in Sluice waits and asks again itself.
        settings.put("max.retries", 0);
        settings.put("http.connect.timeout.ms", 2_000);
        settings.put("http.read.timeout.ms", 3_000);
        settings.putAll(registry);
        return settings;
    }

    /** Names of the clients' settings only: a value may be a secret. */
    @Override
    public String toString() {
        return "KafkaConnection[client=%s, registry=%s, topics=%s, maxRequestBytes=%d]"
                .formatted(
                        new TreeSet<>(client.keySet()),
                        new TreeSet<>(registry.keySet()),
                        topics,
                        maxRequestBytes);
    }
}
