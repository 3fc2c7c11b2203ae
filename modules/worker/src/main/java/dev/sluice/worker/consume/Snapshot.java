package dev.sluice.worker.consume;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The worker's group membership and its assignments at one moment. A transaction uses one snapshot
 * throughout, because only the poll thread may ask the consumer itself.
 */
public record Snapshot(
        ConsumerGroupMetadata group, Map<TopicPartition, PartitionAssignment> assignments) {
    public Snapshot {
        assignments = Map.copyOf(assignments);
    }

    /** Whether the group's coordinator has accepted this worker. */
    public boolean isMember() {
        return group.generationId() > 0;
    }

    /** Whether an outcome of the assignment may still be published. */
    public boolean holds(PartitionAssignment assignment) {
        return assignment.isLive() && assignments.get(assignment.partition()) == assignment;
    }
}
