package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Lane;
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

    private final Map<TopicPartition, Tenure> tenures = new HashMap<>();

    @Test
    void jobsBelowTheCommittedFrontierAreObsolete() {
        hold(JOBS, Lane.INTERACTIVE, 70, 500);

        assertThat(obsolete()).containsExactly(Map.entry(JOBS, 70L));
    }

    @Test
    void journalIsKeptAsLongAsEitherLaneNeedsIt() {
        hold(JOBS, Lane.INTERACTIVE, 70, 500);
        hold(BULK, Lane.BULK, 7, 200);

        assertThat(obsolete()).containsEntry(ATTEMPTS, 200L);
    }

    @Test
    void journalIsKeptWhileNothingIsKnownOfTheOtherLane() {
        hold(JOBS, Lane.INTERACTIVE, 70, 500);
        tenures.put(
                BULK,
                new Tenure(
                        BULK,
                        new JobSource("m", Lane.BULK),
                        CommitFrontier.at(0),
                        Optional.empty(),
                        true,
                        InstantSource.system()));

        assertThat(obsolete()).doesNotContainKeys(ATTEMPTS, BULK);
    }

    private void hold(TopicPartition partition, Lane lane, long position, long floor) {
        CommitFrontier frontier = CommitFrontier.at(position);
        tenures.put(
                partition,
                new Tenure(
                        partition,
                        new JobSource("m", lane),
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
        return ObsoleteJobs.below(tenures.values(), TOPICS);
    }
}
