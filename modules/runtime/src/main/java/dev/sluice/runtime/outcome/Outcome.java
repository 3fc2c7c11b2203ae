package dev.sluice.runtime.outcome;

import dev.sluice.contract.Reason;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What a job ends in, as the records that say so: a result or a dead letter, its calls, its
 * settlement. They are published in one transaction or not at all.
 *
 * @param userId who pays
 * @param calls what it cost
 * @param reason why it is a dead letter; empty for a result
 */
public record Outcome(
        String requestId,
        String userId,
        String analysis,
        CallRows calls,
        Optional<Reason> reason,
        List<ProducerRecord<byte[], byte[]>> records) {
    public Outcome {
        records = List.copyOf(records);
    }
}
