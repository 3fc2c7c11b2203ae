package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Priority;
import dev.sluice.worker.consume.PartitionAssignment.Arrival;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PartitionAssignmentTest {
    private static final TopicPartition PARTITION = new TopicPartition("jobs", 0);

    @Test
    void offsetsWithoutRecordsCountAsFinished() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));

        assertThat(assignment.arrive(3)).isEqualTo(Arrival.NEW);

        assertThat(assignment.commitWith(List.of(3L), Optional.empty()).offset()).isEqualTo(4);
    }

    @Test
    void jobFinishedByAnEarlierAssignmentIsNotRepeated() {
        CommitFrontier frontier = CommitFrontier.at(0);
        frontier.finish(1);
        PartitionAssignment assignment =
                assignment(
                        FrontierCodec.decode(FrontierCodec.encode(frontier, Optional.empty()))
                                .frontier());

        assertThat(assignment.arrive(0)).isEqualTo(Arrival.NEW);
        assertThat(assignment.arrive(1)).isEqualTo(Arrival.FINISHED);
        assertThat(assignment.arrive(2)).isEqualTo(Arrival.NEW);
    }

    @Test
    void aCommitNeverPassesAJobUnderWay() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        assignment.arrive(0);
        assignment.arrive(1);

        OffsetAndMetadata commit = assignment.commitWith(List.of(1L), Optional.empty());

        assertThat(commit.offset()).isZero();
        assertThat(FrontierCodec.decode(commit).frontier().isFinished(1)).isTrue();
    }

    @Test
    void aFailedTransactionLeavesTheFrontierAsItWas() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        assignment.arrive(0);

        OffsetAndMetadata unused = assignment.commitWith(List.of(0L), Optional.empty());

        assertThat(assignment.commitWith(List.of(), Optional.empty()).offset()).isZero();
    }

    @Test
    void aFullWindowHoldsThePartitionAndNotTheWorker() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        for (long offset = 0; offset < CommitFrontier.WINDOW; offset++) {
            assertThat(assignment.arrive(offset)).isEqualTo(Arrival.NEW);
        }

        assertThat(assignment.arrive(CommitFrontier.WINDOW)).isEqualTo(Arrival.TOO_FAR);
        assertThat(assignment.hasRoom()).isFalse();
        assignment.committed(List.of(0L), assignment.commitWith(List.of(0L), Optional.empty()));
        assertThat(assignment.hasRoom()).isTrue();
        assertThat(assignment.arrive(CommitFrontier.WINDOW)).isEqualTo(Arrival.NEW);
    }

    @Test
    void aGapLongerThanTheWindowWaitsForTheJobBeforeIt() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        assignment.arrive(0);

        assertThat(assignment.arrive(100_000)).isEqualTo(Arrival.TOO_FAR);
        assertThat(assignment.hasRoom()).isFalse();
        assignment.committed(List.of(0L), assignment.commitWith(List.of(0L), Optional.empty()));
        assertThat(assignment.hasRoom()).isTrue();
        assertThat(assignment.arrive(100_000)).isEqualTo(Arrival.NEW);
    }

    /** Jobs below the frontier are deleted. */
    @Test
    void readingContinuesBehindJobsOfAnEarlierAssignment() {
        CommitFrontier frontier = CommitFrontier.at(0);
        for (long offset = 1; offset < 400; offset++) {
            frontier.finish(offset);
        }
        PartitionAssignment assignment = assignment(frontier);
        assignment.arrive(0);
        assertThat(assignment.nextOffset()).isEqualTo(1);

        assignment.committed(List.of(0L), assignment.commitWith(List.of(0L), Optional.empty()));

        assertThat(assignment.nextOffset()).isEqualTo(400);
    }

    @Test
    void markersAtTheTailAreCommittedSoThatLagReachesZero() {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        assignment.arrive(0);
        assignment.committed(List.of(0L), assignment.commitWith(List.of(0L), Optional.empty()));
        assertThat(assignment.hasUncommittedGaps()).isFalse();

        assertThat(assignment.skipTo(2)).isTrue();

        assertThat(assignment.hasUncommittedGaps()).isTrue();
        assertThat(assignment.commitWith(List.of(), Optional.empty()).offset()).isEqualTo(2);
    }

    @Test
    void anEndedAssignmentTakesNoJobsAndCancelsThoseUnderWay() throws InterruptedException {
        PartitionAssignment assignment = assignment(CommitFrontier.at(0));
        assignment.arrive(0);
        assignment.arrive(1);
        assertThat(assignment.enter(0, Thread.ofVirtual().unstarted(() -> {}))).isPresent();
        assertThat(assignment.awaitIdle(Duration.ZERO)).isFalse();

        assignment.end();

        assertThat(assignment.isLive()).isFalse();
        assertThat(assignment.enter(1, Thread.currentThread())).isEmpty();
        assignment.leave(0);
        assignment.leave(1);
        assertThat(assignment.awaitIdle(Duration.ZERO)).isTrue();
    }

    private static PartitionAssignment assignment(CommitFrontier frontier) {
        return new PartitionAssignment(
                PARTITION,
                new JobSource("m", Priority.INTERACTIVE),
                frontier,
                Optional.of(new FrontierCodec.Committed(frontier, Optional.empty())),
                false,
                InstantSource.system());
    }
}
