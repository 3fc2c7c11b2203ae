package dev.sluice.worker.consume;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Who this worker is in its group and what it holds, at one moment. A transaction uses one snapshot
 * throughout; the consumer itself may be asked by its own thread only.
 */
public record Snapshot(
        ConsumerGroupMetadata group, Map<TopicPartition, PartitionAssignment> assignments) {
    public Snapshot {
        assignments = Map.copyOf(assignments);
    }

    /** Whether an outcome of the assignment may still be published. */
    public boolean holds(PartitionAssignment assignment) {
        return assignment.isLive() && assignments.get(assignment.partition()) == assignment;
    }
}
