package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Assignments and their jobs, for tests of other packages. */
public final class TestAssignments {
    private TestAssignments() {}

    /** An assignment of a new partition, without a journal. */
    public static PartitionAssignment of(TopicPartition partition, String model) {
        return new PartitionAssignment(
                partition,
                new JobSource(model, Priority.INTERACTIVE),
                CommitFrontier.at(0),
                Optional.empty(),
                false,
                InstantSource.system());
    }

    /** A job that was read and that this thread processes. */
    public static RunningJob begin(PartitionAssignment assignment, long offset) {
        if (assignment.arrive(offset) != PartitionAssignment.Arrival.NEW) {
            throw new IllegalStateException("no job to work on at " + offset);
        }
        return assignment.enter(offset, Thread.currentThread()).orElseThrow();
    }

    /** The stage of an assignment's oldest unfinished job. */
    public static RunningJob.Stage stageOfOldest(PartitionAssignment assignment) {
        return assignment.oldest().orElseThrow().stage();
    }

    /** Announces that the partition will be given up after this time. */
    public static void giveUp(PartitionAssignment assignment, Duration left) {
        assignment.leaveBy(InstantSource.system().instant().plus(left));
    }
}
