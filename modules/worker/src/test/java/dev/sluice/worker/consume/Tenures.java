package dev.sluice.worker.consume;

import dev.sluice.contract.Lane;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Tenures and their jobs, for tests of other packages. */
public final class Tenures {
    private Tenures() {}

    /** Of a new partition, without a journal. */
    public static Tenure of(TopicPartition partition, String model) {
        return new Tenure(
                partition,
                new JobSource(model, Lane.INTERACTIVE),
                CommitFrontier.at(0),
                Optional.empty(),
                false,
                InstantSource.system());
    }

    /** A job that was read and that this thread works on. */
    public static RunningJob begin(Tenure tenure, long offset) {
        if (tenure.arrive(offset) != Tenure.Arrival.NEW) {
            throw new IllegalStateException("no job to work on at " + offset);
        }
        return tenure.enter(offset, Thread.currentThread()).orElseThrow();
    }

    /** What a tenure's oldest unfinished job does. */
    public static RunningJob.Stage stageOfOldest(Tenure tenure) {
        return tenure.oldest().orElseThrow().stage();
    }

    /** The partition moves on when this time has passed. */
    public static void giveUp(Tenure tenure, Duration left) {
        tenure.leaveBy(InstantSource.system().instant().plus(left));
    }
}
