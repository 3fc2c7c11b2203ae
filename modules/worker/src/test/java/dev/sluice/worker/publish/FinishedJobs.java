package dev.sluice.worker.publish;

import dev.sluice.contract.Priority;
import dev.sluice.runtime.outcome.CallRows;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.worker.consume.CommitFrontier;
import dev.sluice.worker.consume.JobSource;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.trace.JobTrace;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Builds completed jobs of one assignment, for tests. */
final class FinishedJobs {
    private static final PartitionAssignment ASSIGNMENT =
            new PartitionAssignment(
                    new TopicPartition("jobs.m", 0),
                    new JobSource("m", Priority.INTERACTIVE),
                    CommitFrontier.at(0),
                    Optional.empty(),
                    false,
                    InstantSource.system());

    private FinishedJobs() {}

    static CompletedJob finished(long offset, String topic, int bytes) {
        return new CompletedJob(
                ASSIGNMENT,
                offset,
                bytes,
                Instant.EPOCH,
                Instant.EPOCH,
                new JobTrace(RequestTraces.off(), new RecordHeaders(), Instant.EPOCH),
                new Outcome(
                        "r" + offset,
                        "ann",
                        "seo",
                        new CallRows(List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new ProducerRecord<>(topic, new byte[bytes]))));
    }
}
