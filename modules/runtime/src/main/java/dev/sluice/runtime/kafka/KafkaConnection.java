package dev.sluice.runtime.kafka;

import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.HttpSchemaRegistry;
import dev.sluice.contract.registry.RegistryConfig;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The connection settings of the brokers and the schema registry, and the names and sizes of
 * topics.
 *
 * @param client settings of every Kafka client, passed on unchanged
 * @param registry settings of the serde, including {@code schema.registry.url}
 * @param topics names of the topics
 * @param maxRequestBytes largest record on the requests topic; internal topics, dead letters and
 *     changelogs allow four times as much
 */
public record KafkaConnection(
        Map<String, Object> client,
        Map<String, Object> registry,
        Topics topics,
        int maxRequestBytes) {
    private static final int INTERNAL_FACTOR = 4;

    private static final Map<String, String> SHORT_TIMEOUTS =
            Map.of(
                    "request.timeout.ms", "5000",
                    "default.api.timeout.ms", "10000",
                    "max.block.ms", "10000");

    private static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMinutes(5);

    /** Bytes that a client may add to a record. */
    private static final int FRAMING_BYTES = 64 * 1024;

    public KafkaConnection {
        client = Map.copyOf(client);
        registry = Map.copyOf(registry);
    }

    /** Time after which the brokers give away the partitions of a consumer that does not poll. */
    public Duration maxPollInterval() {
        Object configured = client.get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        return configured == null
                ? DEFAULT_POLL_INTERVAL
                : Duration.ofMillis(Long.parseLong(configured.toString()));
    }

    /** Largest record on internal topics, dead letters and changelogs. */
    public int maxInternalBytes() {
        return Math.multiplyExact(maxRequestBytes, INTERNAL_FACTOR);
    }

    /**
     * Settings of a producer that can send the largest internal record. It does not compress: one
     * producer writes public and internal topics in one transaction, and not every client can read
     * the fast codecs. The topics decide how the brokers store records ({@link Codec}).
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

    /** Settings of a consumer of committed records, up to the largest internal record. */
    public Map<String, Object> consumer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "none");
        // A missing topic is reported; otherwise a broker would create it with its default
        // partitions.
        settings.put("allow.auto.create.topics", false);
        settings.put("fetch.max.bytes", Math.max(50 << 20, maxInternalBytes()));
        settings.putAll(client);
        return settings;
    }

    /**
     * The same connection for who waits for an answer: with shorter timeouts, unless configured.
     */
    public KafkaConnection withShortTimeouts() {
        Map<String, Object> impatient = new HashMap<>(SHORT_TIMEOUTS);
        impatient.putAll(client);
        return new KafkaConnection(impatient, registry, topics, maxRequestBytes);
    }

    /** A consumer of committed records that belongs to no group. */
    public KafkaConsumer<byte[], byte[]> openConsumer() {
        return openConsumer(consumer());
    }

    /** A consumer with these settings. */
    public static KafkaConsumer<byte[], byte[]> openConsumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * A registry client with short timeouts and no retries, because its users in Sluice wait and
     * retry themselves.
     */
    public SchemaRegistry openRegistry() {
        return new HttpSchemaRegistry(RegistryConfig.from(serde()));
    }

    /** A serializer of record values. */
    public <T> ConfluentAvroSerializer<T> serializer(SchemaRegistry shared) {
        ConfluentAvroSerializer<T> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(serde(), false, shared);
        return serializer;
    }

    /**
     * A deserializer of record values into a generated class, whatever the name of the writer's
     * schema.
     */
    public <T> ConfluentAvroDeserializer<T> deserializer(SchemaRegistry shared, Class<T> type) {
        Map<String, Object> settings = serde();
        settings.put("specific.avro.reader", true);
        settings.put("specific.avro.value.type", type.getName());
        ConfluentAvroDeserializer<T> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(settings, false, shared);
        return deserializer;
    }

    /** A deserializer of record values into generic records, with the writer's schema. */
    public ConfluentAvroDeserializer<GenericRecord> genericDeserializer(SchemaRegistry shared) {
        Map<String, Object> settings = serde();
        settings.put("avro.use.logical.type.converters", true);
        ConfluentAvroDeserializer<GenericRecord> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(settings, false, shared);
        return deserializer;
    }

    private Map<String, Object> serde() {
        Map<String, Object> settings = new HashMap<>();
        // Short, because callers in Sluice wait and retry themselves.
        settings.put("max.retries", 0);
        settings.put("http.connect.timeout.ms", 2_000);
        settings.put("http.read.timeout.ms", 3_000);
        settings.putAll(registry);
        return settings;
    }

    /** Only the names of settings, because a value may be a secret. */
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
