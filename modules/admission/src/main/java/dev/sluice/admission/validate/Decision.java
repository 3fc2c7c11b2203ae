package dev.sluice.admission.validate;

import dev.sluice.contract.Reason;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The decision on a request, with the record to publish. */
public sealed interface Decision {
    /** The record to publish. */
    ProducerRecord<byte[], byte[]> record();

    /** Admitted: the request becomes a job. */
    record Admitted(String analysis, ProducerRecord<byte[], byte[]> record) implements Decision {}

    /** Answered: the request gets the result that an identical request paid for. */
    record Answered(String analysis, ProducerRecord<byte[], byte[]> record) implements Decision {}

    /** Denied: the request gets a dead letter. */
    record Denied(String analysis, Reason reason, ProducerRecord<byte[], byte[]> record)
            implements Decision {}
}
