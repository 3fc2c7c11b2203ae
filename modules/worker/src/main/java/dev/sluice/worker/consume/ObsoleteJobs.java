package dev.sluice.worker.consume;

import dev.sluice.contract.Topics;
import dev.sluice.worker.journal.TenureJournal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;

/**
 * What no successor of this worker will read: jobs below the committed frontier, and journal
 * entries below the committed floor of both lanes.
 */
public final class ObsoleteJobs {
    /** Both lanes of a model share a journal. */
    private static final int LANES = 2;

    private ObsoleteJobs() {}

    /** Below which offset nothing is needed any more. */
    public static Map<TopicPartition, Long> below(Collection<Tenure> tenures, Topics topics) {
        Map<TopicPartition, Long> below = new HashMap<>();
        Map<TopicPartition, List<Long>> floors = new HashMap<>();
        for (Tenure tenure : tenures) {
            if (tenure.committedPosition() > 0) {
                below.put(tenure.partition(), tenure.committedPosition());
            }
            TopicPartition attempts =
                    new TopicPartition(
                            topics.attempts(tenure.model()), tenure.partition().partition());
            tenure.journal()
                    .map(TenureJournal::committedFloor)
                    .filter(OptionalLong::isPresent)
                    .ifPresent(floor ->
                            floors.computeIfAbsent(attempts, key -> new ArrayList<>())
                                    .add(floor.getAsLong()));
        }
        floors.forEach((attempts, lanes) -> {
            if (lanes.size() == LANES) {
                below.put(attempts, Collections.min(lanes));
            }
        });
        return below;
    }
}
