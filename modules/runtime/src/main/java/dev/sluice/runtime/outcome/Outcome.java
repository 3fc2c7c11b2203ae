package dev.sluice.runtime.outcome;

import dev.sluice.contract.Reason;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The outcome of a job as Kafka records: a result or a dead letter, its calls and its settlement.
 * They are published in one transaction or not at all.
 *
 * @param requestId the request; empty for a record that is not a job
 * @param userId the user who pays; empty for a record that is not a job
 * @param analysis name of the analysis; empty for a record that is not a job
 * @param calls calls of the job, with their cost
 * @param reason reason of a dead letter; empty for a result
 * @param times when its request came; empty for a record that is not a job
 * @param records records to publish
 */
public record Outcome(
        String requestId,
        String userId,
        String analysis,
        CallRows calls,
        Optional<Reason> reason,
        Optional<JobTimes> times,
        List<ProducerRecord<byte[], byte[]>> records) {
    public Outcome {
        records = List.copyOf(records);
    }
}
