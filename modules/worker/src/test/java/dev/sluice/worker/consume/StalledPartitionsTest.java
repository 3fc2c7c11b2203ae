package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Priority;
import dev.sluice.worker.consume.RunningJob.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StalledPartitionsTest {
    private Instant now = Instant.EPOCH;
    private final PartitionAssignment assignment =
            new PartitionAssignment(
                    new TopicPartition("jobs", 3),
                    new JobSource("m", Priority.INTERACTIVE),
                    CommitFrontier.at(0),
                    Optional.empty(),
                    false,
                    () -> now);
    private final StalledPartitions stalled =
            new StalledPartitions(() -> List.of(assignment), () -> now);

    @Test
    void stalledPartitionIsNamedWithItsJobAndTheReason() {
        RunningJob stuck = arrives(0);
        stuck.identify("r-17");
        stuck.at(Stage.UNKNOWN_ANALYSIS);
        finishAllBehind(13_000);
        assertThat(stalled.complaint()).as("it may still be fast").isEmpty();

        now = now.plusSeconds(90);

        assertThat(stalled.taken("m")).isBetween(0.79, 0.8);
        assertThat(stalled.oldestSeconds("m")).isEqualTo(90);
        assertThat(stalled.complaint())
                .hasValueSatisfying(complaint ->
                        assertThat(complaint)
                                .contains(
                                        "jobs-3 is held up by the job at offset 0, unfinished"
                                                + " for 90 s: this worker does not know its"
                                                + " analysis; 79 %")
                                .doesNotContain("r-17"));
    }

    @Test
    void outcomeThatWaitsToBePublishedHoldsItsPartitionUpToo() {
        RunningJob stuck = arrives(0);
        stuck.identify("r-0");
        stuck.at(Stage.FINISHED);
        assignment.leave(0);
        finishAllBehind(CommitFrontier.WINDOW);
        assertThat(assignment.arrive(CommitFrontier.WINDOW))
                .isEqualTo(PartitionAssignment.Arrival.TOO_FAR);
        now = now.plusSeconds(60);

        assertThat(stalled.taken("m")).isEqualTo(1);
        assertThat(stalled.complaint())
                .hasValueSatisfying(complaint ->
                        assertThat(complaint)
                                .contains("offset 0,", "waits to be published", "100 %"));

        assignment.committed(List.of(0L), assignment.commitWith(List.of(0L), Optional.empty()));

        assertThat(stalled.complaint()).isEmpty();
        assertThat(stalled.taken("m")).isZero();
    }

    @Test
    void longJobThatHoldsUpNothingIsNotReported() {
        arrives(0).at(Stage.CALLING);
        finishAllBehind(1_000);
        now = now.plusSeconds(3_600);

        assertThat(stalled.complaint()).isEmpty();
        assertThat(stalled.taken("another")).isZero();
        assertThat(stalled.oldestSeconds("another")).isZero();
    }

    private RunningJob arrives(long offset) {
        assertThat(assignment.arrive(offset)).isEqualTo(PartitionAssignment.Arrival.NEW);
        return assignment.enter(offset, Thread.currentThread()).orElseThrow();
    }

    private void finishAllBehind(long end) {
        List<Long> offsets = LongStream.range(1, end).boxed().toList();
        for (long offset : offsets) {
            arrives(offset).at(Stage.FINISHED);
            assignment.leave(offset);
        }
        assignment.committed(offsets, assignment.commitWith(offsets, Optional.empty()));
    }
}
