package dev.sluice.worker.publish;

import dev.sluice.worker.consume.CommittedOffsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** The consumer group of the workers, as far as transactions need it. */
public final class WorkersGroup {
    private final Admin admin;
    private final CommittedOffsets committed;
    private final ConsumerGroupMetadata metadata;
    private final Set<String> topics;

    /**
     * @param metadata of any consumer of the group, whether or not it is a member
     * @param topics the topics that the group reads
     */
    public WorkersGroup(
            Admin admin,
            CommittedOffsets committed,
            ConsumerGroupMetadata metadata,
            Set<String> topics) {
        this.admin = admin;
        this.committed = committed;
        this.metadata = metadata;
        this.topics = Set.copyOf(topics);
    }

    CommittedOffsets committed() {
        return committed;
    }

    ConsumerGroupMetadata metadata() {
        return metadata;
    }

    /**
     * A partition that exists now; empty if all topics were deleted. A producer waits for the
     * others in vain.
     *
     * @throws TimeoutException if the brokers do not answer
     */
    Optional<TopicPartition> existingPartition() {
        try {
            Set<String> existing = admin.listTopics().names().get();
            return topics.stream()
                    .filter(existing::contains)
                    .findFirst()
                    .map(topic -> new TopicPartition(topic, 0));
        } catch (ExecutionException e) {
            throw new TimeoutException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
