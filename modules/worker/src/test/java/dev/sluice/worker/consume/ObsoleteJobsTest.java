package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Priority;
import dev.sluice.contract.Topics;
import dev.sluice.worker.journal.JournalMarks;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ObsoleteJobsTest {
    private static final Topics TOPICS = new Topics("t.");
    private static final TopicPartition JOBS = new TopicPartition(TOPICS.jobs("m"), 3);
    private static final TopicPartition BULK = new TopicPartition(TOPICS.bulkJobs("m"), 3);
    private static final TopicPartition ATTEMPTS = new TopicPartition(TOPICS.attempts("m"), 3);

    private final Map<TopicPartition, PartitionAssignment> assignments = new HashMap<>();

    @Test
    void jobsBelowTheCommittedFrontierAreObsolete() {
        hold(JOBS, Priority.INTERACTIVE, 70, 500);

        assertThat(obsolete()).containsExactly(Map.entry(JOBS, 70L));
    }

    @Test
    void journalIsKeptAsLongAsEitherPriorityNeedsIt() {
        hold(JOBS, Priority.INTERACTIVE, 70, 500);
        hold(BULK, Priority.BULK, 7, 200);

        assertThat(obsolete()).containsEntry(ATTEMPTS, 200L);
    }

    @Test
    void journalIsKeptWhileNothingIsKnownOfTheOtherPriority() {
        hold(JOBS, Priority.INTERACTIVE, 70, 500);
        assignments.put(
                BULK,
                new PartitionAssignment(
                        BULK,
                        new JobSource("m", Priority.BULK),
                        CommitFrontier.at(0),
                        Optional.empty(),
                        true,
                        InstantSource.system()));

        assertThat(obsolete()).doesNotContainKeys(ATTEMPTS, BULK);
    }

    private void hold(TopicPartition partition, Priority priority, long position, long floor) {
        CommitFrontier frontier = CommitFrontier.at(position);
        assignments.put(
                partition,
                new PartitionAssignment(
                        partition,
                        new JobSource("m", priority),
                        frontier,
                        Optional.of(
                                new FrontierCodec.Committed(
                                        frontier,
                                        Optional.of(
                                                new JournalMarks(
                                                        floor, floor, UUID.randomUUID(), false)))),
                        true,
                        InstantSource.system()));
    }

    private Map<TopicPartition, Long> obsolete() {
        return ObsoleteJobs.below(assignments.values(), TOPICS);
    }
}
