package dev.sluice.admission;

import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Offsets of admission's group that the brokers have forgotten while its state is there. It would
 * read all requests again that are still kept, and run and pay those that it remembers no more.
 */
final class ExpiredOffsets {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int POLLS = 30;

    private ExpiredOffsets() {}

    /**
     * Looks whether they are gone.
     *
     * @throws EnvironmentException if so, with what to do
     */
    static void refuse(Dependencies dependencies, KafkaConnection connection, String group) {
        String requests = connection.topics().requests();
        String changelog = group + "-" + AdmissionTopology.STORE + "-changelog";
        if (!hasOffsets(dependencies, requests, group) && hasState(connection, changelog)) {
            throw new EnvironmentException(
                    "the offsets of the group %1$s are gone, and its state is there: brokers forget offsets of a group that is away for longer than offsets.retention.minutes. Reading %2$s from its beginning would run requests again. Set the group's offsets on %2$s to where it stood (kafka-consumer-groups --reset-offsets --group %1$s --topic %2$s --to-datetime WHEN --execute), or delete the topic %3$s and the state folders to begin anew"
                            .formatted(group, requests, changelog));
        }
    }

    private static boolean hasOffsets(Dependencies dependencies, String topic, String group) {
        try {
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    dependencies.answer(
                            dependencies
                                    .admin()
                                    .listConsumerGroupOffsets(group)
                                    .partitionsToOffsetAndMetadata());
            return offsets.entrySet().stream()
                    .anyMatch(entry ->
                            entry.getKey().topic().equals(topic) && entry.getValue() != null);
        } catch (ExecutionException e) {
            throw new EnvironmentException(
                    "the brokers do not say where the group " + group + " stands: " + e.getCause(),
                    e);
        }
    }

    /** Whether anything was ever committed to it: what was aborted is no state. */
    private static boolean hasState(KafkaConnection connection, String changelog) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        connection.consumer(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<PartitionInfo> found = consumer.listTopics().getOrDefault(changelog, List.of());
            List<TopicPartition> partitions =
                    found.stream()
                            .map(one -> new TopicPartition(changelog, one.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            for (int poll = 0; poll < POLLS && isBefore(consumer, ends); poll++) {
                if (!consumer.poll(POLL).isEmpty()) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean isBefore(
            KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
    }
}
