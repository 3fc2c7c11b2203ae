package dev.sluice.admission;

import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * A check at start for expired offsets: the brokers have deleted the offsets of admission's group,
 * but its state still exists. Admission would read all kept requests again, and run and pay those
 * that it no longer remembers.
 */
final class ExpiredOffsets {
    private ExpiredOffsets() {}

    /**
     * Requires that the group has offsets or no state.
     *
     * @throws EnvironmentException if the offsets have expired; the message names the fix
     */
    static void requireNone(Dependencies dependencies, KafkaConnection connection, String group) {
        String requests = connection.topics().requests();
        String changelog = group + "-" + AdmissionTopology.STORE + "-changelog";
        if (!hasOffsets(dependencies, requests, group) && hasState(connection, changelog)) {
            throw new EnvironmentException(
                    "the group %1$s has no committed offsets, but its state exists: brokers delete the offsets of a group that is stopped for longer than offsets.retention.minutes. Reading %2$s from its beginning would run requests again. Set the group's offsets on %2$s to the time at which it stopped (kafka-consumer-groups --reset-offsets --group %1$s --topic %2$s --to-datetime WHEN --execute), or delete the topic %3$s and the state folders to start without state"
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
                    "the brokers do not return the offsets of the group "
                            + group
                            + ": "
                            + e.getCause(),
                    e);
        }
    }

    /** Whether the changelog has a committed record; aborted ones are not state. */
    private static boolean hasState(KafkaConnection connection, String changelog) {
        try (TopicReader reader = TopicReader.open(connection)) {
            return reader.hasRecords(changelog);
        } catch (TimeoutException e) {
            throw EnvironmentException.noBrokers(connection, e);
        }
    }
}
