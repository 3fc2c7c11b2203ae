package dev.sluice.worker.consume;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** The committed offsets that the admin client gets from the brokers. */
public final class StableOffsets implements CommittedOffsets {
    private final Admin admin;
    private final String groupId;

    public StableOffsets(Admin admin, String groupId) {
        this.admin = admin;
        this.groupId = groupId;
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> of(
            Set<TopicPartition> partitions, Duration limit) {
        try {
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    admin.listConsumerGroupOffsets(
                                    Map.of(
                                            groupId,
                                            new ListConsumerGroupOffsetsSpec()
                                                    .topicPartitions(partitions)),
                                    new ListConsumerGroupOffsetsOptions()
                                            .timeoutMs((int) limit.toMillis())
                                            .requireStable(true))
                            .partitionsToOffsetAndMetadata(groupId)
                            .get();
            requireAll(partitions, offsets.keySet());
            return offsets;
        } catch (ExecutionException e) {
            throw new TimeoutException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted", e);
        }
    }

    /** The client leaves out partitions without a stable offset. That does not mean "no offset". */
    private static void requireAll(Set<TopicPartition> asked, Set<TopicPartition> answered) {
        Set<TopicPartition> pending = new HashSet<>(asked);
        pending.removeAll(answered);
        if (!pending.isEmpty()) {
            throw new TimeoutException(
                    "an open transaction commits the offsets of "
                            + pending
                            + "; if this lasts for minutes, look for a hanging transaction in"
                            + " __consumer_offsets (kafka-transactions.sh find-hanging)");
        }
    }
}
