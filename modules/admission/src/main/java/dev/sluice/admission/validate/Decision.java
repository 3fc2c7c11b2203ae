package dev.sluice.admission.validate;

import dev.sluice.contract.Reason;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What becomes of a request. */
public sealed interface Decision {
    /** The record to publish. */
    ProducerRecord<byte[], byte[]> record();

    /** It becomes a job. */
    record Admitted(String analysis, ProducerRecord<byte[], byte[]> record) implements Decision {}

    /** It gets the result that another has paid. */
    record Answered(String analysis, ProducerRecord<byte[], byte[]> record) implements Decision {}

    /** It becomes a dead letter. */
    record Denied(String analysis, Reason reason, ProducerRecord<byte[], byte[]> record)
            implements Decision {}
}
