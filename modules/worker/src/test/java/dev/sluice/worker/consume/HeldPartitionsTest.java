package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Lane;
import dev.sluice.worker.consume.RunningJob.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class HeldPartitionsTest {
    private Instant now = Instant.EPOCH;
    private final Tenure tenure =
            new Tenure(
                    new TopicPartition("jobs", 3),
                    new JobSource("m", Lane.INTERACTIVE),
                    CommitFrontier.at(0),
                    Optional.empty(),
                    false,
                    () -> now);
    private final HeldPartitions held = new HeldPartitions(() -> List.of(tenure), () -> now);

    @Test
    void partitionThatAJobHoldsUpIsNamedWithTheJobAndWhatItWaitsFor() {
        RunningJob stuck = arrives(0);
        stuck.identify("r-17");
        stuck.at(Stage.UNKNOWN_ANALYSIS);
        finishAllBehind(13_000);
        assertThat(held.complaint()).as("it may still be fast").isEmpty();

        now = now.plusSeconds(90);

        assertThat(held.taken("m")).isBetween(0.79, 0.8);
        assertThat(held.oldestSeconds("m")).isEqualTo(90);
        assertThat(held.complaint())
                .hasValueSatisfying(complaint ->
                        assertThat(complaint)
                                .contains(
                                        "jobs-3 is held up by request r-17 at offset 0, unfinished"
                                                + " for 90 s: this worker does not know its"
                                                + " analysis; 79 %"));
    }

    @Test
    void outcomeThatWaitsToBePublishedHoldsItsPartitionUpToo() {
        RunningJob stuck = arrives(0);
        stuck.identify("r-0");
        stuck.at(Stage.FINISHED);
        tenure.leave(0);
        finishAllBehind(CommitFrontier.WINDOW);
        assertThat(tenure.arrive(CommitFrontier.WINDOW)).isEqualTo(Tenure.Arrival.TOO_FAR);
        now = now.plusSeconds(60);

        assertThat(held.taken("m")).isEqualTo(1);
        assertThat(held.complaint())
                .hasValueSatisfying(complaint ->
                        assertThat(complaint).contains("r-0", "waits to be published", "100 %"));

        tenure.committed(List.of(0L), tenure.commitWith(List.of(0L), Optional.empty()));

        assertThat(held.complaint()).isEmpty();
        assertThat(held.taken("m")).isZero();
    }

    @Test
    void jobThatTakesLongAndHoldsUpNothingIsNoComplaint() {
        arrives(0).at(Stage.CALLING);
        finishAllBehind(1_000);
        now = now.plusSeconds(3_600);

        assertThat(held.complaint()).isEmpty();
        assertThat(held.taken("another")).isZero();
        assertThat(held.oldestSeconds("another")).isZero();
    }

    private RunningJob arrives(long offset) {
        assertThat(tenure.arrive(offset)).isEqualTo(Tenure.Arrival.NEW);
        return tenure.enter(offset, Thread.currentThread()).orElseThrow();
    }

    private void finishAllBehind(long end) {
        List<Long> offsets = LongStream.range(1, end).boxed().toList();
        for (long offset : offsets) {
            arrives(offset).at(Stage.FINISHED);
            tenure.leave(offset);
        }
        tenure.committed(offsets, tenure.commitWith(offsets, Optional.empty()));
    }
}
