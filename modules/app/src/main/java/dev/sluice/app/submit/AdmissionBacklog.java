package dev.sluice.app.submit;

import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/** How many requests, of all publishers, admission has not read yet. */
final class AdmissionBacklog implements AutoCloseable {
    private final Admin admin;
    private final String topic;
    private final String group;
    private boolean isPermitted = true;

    AdmissionBacklog(KafkaConnection connection) {
        this.admin = Admin.create(connection.client());
        this.topic = connection.topics().requests();
        this.group = connection.topics().prefix() + "admission";
    }

    /** The number of requests; empty if the brokers do not say. */
    OptionalLong size() throws InterruptedException {
        if (!isPermitted) {
            return OptionalLong.empty();
        }
        try {
            List<TopicPartition> partitions = partitions();
            Map<TopicPartition, @Nullable OffsetAndMetadata> read =
                    new HashMap<>(
                            admin.listConsumerGroupOffsets(group)
                                    .partitionsToOffsetAndMetadata()
                                    .get());
            Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
            Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
            long size = 0;
            for (TopicPartition partition : partitions) {
                OffsetAndMetadata committed = read.get(partition);
                long from =
                        committed != null ? committed.offset() : begins.getOrDefault(partition, 0L);
                size += ends.getOrDefault(partition, from) - from;
            }
            return OptionalLong.of(size);
        } catch (ExecutionException e) {
            isPermitted = !(e.getCause() instanceof AuthorizationException);
            return OptionalLong.empty();
        }
    }

    private List<TopicPartition> partitions() throws InterruptedException, ExecutionException {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                .flatMap(found -> found.partitions().stream())
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        partitions.forEach(partition -> specs.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        admin.listOffsets(specs)
                .all()
                .get()
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    @Override
    public void close() {
        admin.close();
    }
}
