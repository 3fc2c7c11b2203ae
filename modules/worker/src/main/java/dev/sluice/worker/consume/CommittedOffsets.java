package dev.sluice.worker.consume;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** A source of the group's committed offsets besides the consumer. */
public interface CommittedOffsets {
    /**
     * The stable committed offsets of partitions, those of a pending transaction awaited; null for
     * a partition without one.
     *
     * @throws TimeoutException if there is no answer within the limit
     */
    Map<TopicPartition, OffsetAndMetadata> of(Set<TopicPartition> partitions, Duration limit);
}
