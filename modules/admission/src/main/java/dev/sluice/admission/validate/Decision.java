package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Reason;
import java.math.BigDecimal;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The decision on a request, with the record to publish. */
public sealed interface Decision {
    /** The record to publish. */
    ProducerRecord<byte[], byte[]> record();

    /**
     * Admitted: the request becomes a job.
     *
     * @param cap the most that the job may cost, which is reserved
     */
    record Admitted(String analysis, Cost cap, ProducerRecord<byte[], byte[]> record)
            implements Decision {}

    /**
     * Answered: the request gets the result that an identical request paid for.
     *
     * @param saved what that result cost, in USD
     */
    record Answered(
            RequestKey request,
            String analysis,
            BigDecimal saved,
            ProducerRecord<byte[], byte[]> record)
            implements Decision {}

    /**
     * Denied: the request gets a dead letter.
     *
     * @param request empty if the record cannot be read
     */
    record Denied(
            Optional<RequestKey> request,
            String analysis,
            Reason reason,
            ProducerRecord<byte[], byte[]> record)
            implements Decision {}
}
