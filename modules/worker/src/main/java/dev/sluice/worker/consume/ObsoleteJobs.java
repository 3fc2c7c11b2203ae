package dev.sluice.worker.consume;

import dev.sluice.contract.Topics;
import dev.sluice.worker.journal.AssignmentJournal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the records that no later assignment needs: jobs below the committed frontier, and journal
 * entries below the committed floors of both priorities.
 */
public final class ObsoleteJobs {
    /** Number of priorities, which share one journal per model. */
    private static final int PRIORITIES = 2;

    private ObsoleteJobs() {}

    /** The offset of each partition below which no record is needed any more. */
    public static Map<TopicPartition, Long> below(
            Collection<PartitionAssignment> assignments, Topics topics) {
        Map<TopicPartition, Long> below = new HashMap<>();
        Map<TopicPartition, List<Long>> floors = new HashMap<>();
        for (PartitionAssignment assignment : assignments) {
            assignment
                    .committedPosition()
                    .ifPresent(position -> below.put(assignment.partition(), position));
            TopicPartition attempts =
                    new TopicPartition(
                            topics.attempts(assignment.model()),
                            assignment.partition().partition());
            assignment
                    .journal()
                    .map(AssignmentJournal::committedFloor)
                    .filter(OptionalLong::isPresent)
                    .ifPresent(floor ->
                            floors.computeIfAbsent(attempts, key -> new ArrayList<>())
                                    .add(floor.getAsLong()));
        }
        floors.forEach((attempts, priorities) -> {
            if (priorities.size() == PRIORITIES) {
                below.put(attempts, Collections.min(priorities));
            }
        });
        return below;
    }
}
