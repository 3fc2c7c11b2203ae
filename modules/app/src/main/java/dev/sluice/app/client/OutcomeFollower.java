package dev.sluice.app.client;

import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
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
    private final SchemaRegistry registry;
    private final OutcomeDecoder decoder;

    /** Records that were read and are not decoded yet, because the registry does not answer. */
    private final Deque<ConsumerRecord<byte[], byte[]>> undecoded = new ArrayDeque<>();

    private Optional<String> outage = Optional.empty();

    private OutcomeFollower(
            KafkaConsumer<byte[], byte[]> consumer,
            SchemaRegistry registry,
            OutcomeDecoder decoder) {
        this.consumer = consumer;
        this.registry = registry;
        this.decoder = decoder;
    }

    /**
     * Opens a consumer of these analyses' results and of all dead letters.
     *
     * @throws EnvironmentException if a topic does not exist
     */
    public static OutcomeFollower open(KafkaConnection connection, Collection<String> analyses) {
        SchemaRegistry registry = connection.openRegistry();
        KafkaConsumer<byte[], byte[]> consumer = connection.openConsumer();
        try {
            List<TopicPartition> partitions = new ArrayList<>();
            partitions.addAll(partitions(consumer, connection.topics().deadLetters()));
            for (String analysis : analyses) {
                partitions.addAll(partitions(consumer, connection.topics().results(analysis)));
            }
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        } catch (RuntimeException e) {
            consumer.close();
            registry.close();
            throw e;
        }
        return new OutcomeFollower(consumer, registry, new OutcomeDecoder(connection, registry));
    }

    private static List<TopicPartition> partitions(
            KafkaConsumer<byte[], byte[]> consumer, String topic) {
        List<PartitionInfo> found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw EnvironmentException.missingTopic(topic);
        }
        return found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    }

    /**
     * Waits for outcomes up to this time and returns those that have arrived. While the registry
     * does not answer, there are none; they come later.
     */
    public List<OutcomeRecord> poll(Duration time) {
        if (undecoded.isEmpty()) {
            consumer.resume(consumer.paused());
        } else {
            // Nothing more is fetched until these are decoded.
            consumer.pause(consumer.assignment());
        }
        outage = Optional.empty();
        consumer.poll(time).forEach(undecoded::add);
        List<OutcomeRecord> outcomes = new ArrayList<>();
        while (!undecoded.isEmpty()) {
            try {
                decoder.decode(undecoded.element()).ifPresent(outcomes::add);
            } catch (RuntimeException e) {
                if (RegistryOutage.is(e)) {
                    outage =
                            Optional.of("outcomes wait for the schema registry: " + e.getMessage());
                    break;
                }
                throw e;
            }
            undecoded.remove();
        }
        return outcomes;
    }

    /** Why the last poll could not decode all that it read; empty if it could. */
    public Optional<String> outage() {
        return outage;
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }
}
