package dev.sluice.worker.consume;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Who this worker is in its group and what it holds, at one moment. A transaction uses one snapshot
 * throughout; the consumer itself may be asked by its own thread only.
 */
public record Snapshot(ConsumerGroupMetadata group, Map<TopicPartition, Tenure> tenures) {
    public Snapshot {
        tenures = Map.copyOf(tenures);
    }

    /** Whether an outcome of the tenure may still be published. */
    public boolean holds(Tenure tenure) {
        return tenure.isLive() && tenures.get(tenure.partition()) == tenure;
    }
}
