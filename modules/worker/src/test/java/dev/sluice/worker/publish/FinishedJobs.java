package dev.sluice.worker.publish;

import dev.sluice.contract.Lane;
import dev.sluice.runtime.outcome.CallRows;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.CommitFrontier;
import dev.sluice.worker.consume.JobSource;
import dev.sluice.worker.consume.Tenure;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Finished jobs of one tenure, for tests. */
final class FinishedJobs {
    private static final Tenure TENURE =
            new Tenure(
                    new TopicPartition("jobs.m", 0),
                    new JobSource("m", Lane.INTERACTIVE),
                    CommitFrontier.at(0),
                    Optional.empty(),
                    false,
                    InstantSource.system());

    private FinishedJobs() {}

    static Finished finished(long offset, String topic, int bytes) {
        return new Finished(
                TENURE,
                offset,
                bytes,
                new Outcome(
                        "r" + offset,
                        "ann",
                        "seo",
                        new CallRows(List.of()),
                        Optional.empty(),
                        List.of(new ProducerRecord<>(topic, new byte[bytes]))));
    }
}
