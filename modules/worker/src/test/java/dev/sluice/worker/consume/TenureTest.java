package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Lane;
import dev.sluice.worker.consume.Tenure.Arrival;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TenureTest {
    private static final TopicPartition PARTITION = new TopicPartition("jobs", 0);

    @Test
    void offsetsWithoutRecordsCountAsFinished() {
        Tenure tenure = tenure(CommitFrontier.at(0));

        assertThat(tenure.arrive(3)).isEqualTo(Arrival.NEW);

        assertThat(tenure.commitWith(List.of(3L), Optional.empty()).offset()).isEqualTo(4);
    }

    @Test
    void whatAnEarlierTenureFinishedIsNotWorkedOnAgain() {
        CommitFrontier frontier = CommitFrontier.at(0);
        frontier.finish(1);
        Tenure tenure =
                tenure(
                        FrontierCodec.decode(FrontierCodec.encode(frontier, Optional.empty()))
                                .frontier());

        assertThat(tenure.arrive(0)).isEqualTo(Arrival.NEW);
        assertThat(tenure.arrive(1)).isEqualTo(Arrival.FINISHED);
        assertThat(tenure.arrive(2)).isEqualTo(Arrival.NEW);
    }

    @Test
    void aCommitNeverPassesAJobUnderWay() {
        Tenure tenure = tenure(CommitFrontier.at(0));
        tenure.arrive(0);
        tenure.arrive(1);

        OffsetAndMetadata commit = tenure.commitWith(List.of(1L), Optional.empty());

        assertThat(commit.offset()).isZero();
        assertThat(FrontierCodec.decode(commit).frontier().isFinished(1)).isTrue();
    }

    @Test
    void aFailedTransactionLeavesTheFrontierAsItWas() {
        Tenure tenure = tenure(CommitFrontier.at(0));
        tenure.arrive(0);

        OffsetAndMetadata unused = tenure.commitWith(List.of(0L), Optional.empty());

        assertThat(tenure.commitWith(List.of(), Optional.empty()).offset()).isZero();
    }

    @Test
    void aFullWindowHoldsThePartitionAndNotTheWorker() {
        Tenure tenure = tenure(CommitFrontier.at(0));
        for (long offset = 0; offset < CommitFrontier.WINDOW; offset++) {
            assertThat(tenure.arrive(offset)).isEqualTo(Arrival.NEW);
        }

        assertThat(tenure.arrive(CommitFrontier.WINDOW)).isEqualTo(Arrival.TOO_FAR);
        assertThat(tenure.hasRoom()).isFalse();
        tenure.committed(List.of(0L), tenure.commitWith(List.of(0L), Optional.empty()));
        assertThat(tenure.hasRoom()).isTrue();
        assertThat(tenure.arrive(CommitFrontier.WINDOW)).isEqualTo(Arrival.NEW);
    }

    @Test
    void aGapLongerThanTheWindowWaitsForTheJobBeforeIt() {
        Tenure tenure = tenure(CommitFrontier.at(0));
        tenure.arrive(0);

        assertThat(tenure.arrive(100_000)).isEqualTo(Arrival.TOO_FAR);
        assertThat(tenure.hasRoom()).isFalse();
        tenure.committed(List.of(0L), tenure.commitWith(List.of(0L), Optional.empty()));
        assertThat(tenure.hasRoom()).isTrue();
        assertThat(tenure.arrive(100_000)).isEqualTo(Arrival.NEW);
    }

    /** What the frontier has passed is deleted. */
    @Test
    void readingGoesOnBehindWhatAnEarlierTenureHadFinished() {
        CommitFrontier frontier = CommitFrontier.at(0);
        for (long offset = 1; offset < 400; offset++) {
            frontier.finish(offset);
        }
        Tenure tenure = tenure(frontier);
        tenure.arrive(0);
        assertThat(tenure.nextOffset()).isEqualTo(1);

        tenure.committed(List.of(0L), tenure.commitWith(List.of(0L), Optional.empty()));

        assertThat(tenure.nextOffset()).isEqualTo(400);
    }

    @Test
    void markersAtTheTailAreCommittedSoThatLagReachesZero() {
        Tenure tenure = tenure(CommitFrontier.at(0));
        tenure.arrive(0);
        tenure.committed(List.of(0L), tenure.commitWith(List.of(0L), Optional.empty()));
        assertThat(tenure.hasUncommittedGaps()).isFalse();

        assertThat(tenure.skipTo(2)).isTrue();

        assertThat(tenure.hasUncommittedGaps()).isTrue();
        assertThat(tenure.commitWith(List.of(), Optional.empty()).offset()).isEqualTo(2);
    }

    @Test
    void anEndedTenureTakesNoJobsAndCancelsThoseUnderWay() throws InterruptedException {
        Tenure tenure = tenure(CommitFrontier.at(0));
        tenure.arrive(0);
        tenure.arrive(1);
        assertThat(tenure.enter(0, Thread.ofVirtual().unstarted(() -> {}))).isPresent();
        assertThat(tenure.awaitIdle(Duration.ZERO)).isFalse();

        tenure.end();

        assertThat(tenure.isLive()).isFalse();
        assertThat(tenure.enter(1, Thread.currentThread())).isEmpty();
        tenure.leave(0);
        tenure.leave(1);
        assertThat(tenure.awaitIdle(Duration.ZERO)).isTrue();
    }

    private static Tenure tenure(CommitFrontier frontier) {
        return new Tenure(
                PARTITION,
                new JobSource("m", Lane.INTERACTIVE),
                frontier,
                Optional.of(new FrontierCodec.Committed(frontier, Optional.empty())),
                false,
                InstantSource.system());
    }
}
