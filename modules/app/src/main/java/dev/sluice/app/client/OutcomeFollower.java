package dev.sluice.app.client;

import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * A consumer of outcomes that works like any downstream consumer: it reads committed records only
 * and needs only the schema registry. It starts at the current ends of the topics. Not thread-safe.
 */
public final class OutcomeFollower implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ConfluentAvroDeserializer<GenericRecord> deserializer;
    private final SchemaRegistry registry;
    private final Topics topics;

    /** One outcome record. */
    public record Read(boolean isResult, String key, GenericRecord value) {}

    private OutcomeFollower(
            KafkaConsumer<byte[], byte[]> consumer,
            ConfluentAvroDeserializer<GenericRecord> deserializer,
            SchemaRegistry registry,
            Topics topics) {
        this.consumer = consumer;
        this.deserializer = deserializer;
        this.registry = registry;
        this.topics = topics;
    }

    /** Opens a consumer of these analyses' results and of all dead letters. */
    public static OutcomeFollower open(KafkaConnection connection, Collection<String> analyses) {
        SchemaRegistry registry = connection.openRegistry();
        KafkaConsumer<byte[], byte[]> consumer = connection.openConsumer();
        List<String> names = new ArrayList<>();
        names.add(connection.topics().deadLetters());
        analyses.forEach(analysis -> names.add(connection.topics().results(analysis)));
        List<TopicPartition> partitions = new ArrayList<>();
        for (String name : names) {
            for (PartitionInfo info : consumer.partitionsFor(name)) {
                partitions.add(new TopicPartition(name, info.partition()));
            }
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return new OutcomeFollower(
                consumer, connection.genericDeserializer(registry), registry, connection.topics());
    }

    /** Waits for outcomes up to this time and returns those that have arrived. */
    public List<Read> poll(Duration time) {
        List<Read> outcomes = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(time)) {
            GenericRecord value = deserializer.deserialize(record.topic(), record.value());
            if (value != null) {
                outcomes.add(
                        new Read(
                                !record.topic().equals(topics.deadLetters()),
                                record.key() == null
                                        ? ""
                                        : new String(
                                                record.key(),
                                                java.nio.charset.StandardCharsets.UTF_8),
                                value));
            }
        }
        return outcomes;
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }
}
