package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import java.math.BigDecimal;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The decision on a request, with the record to publish. */
public sealed interface Decision {
    /** The request. */
    Subject subject();

    /** The record to publish. */
    ProducerRecord<byte[], byte[]> record();

    /**
     * A request that was decided on.
     *
     * @param request empty if the record cannot be read, or its ids are not valid
     * @param analysis its analysis; {@code unknown} if it names none that is known
     * @param source the request's record
     */
    record Subject(Optional<RequestKey> request, String analysis, SourceRecord source) {
        public static Subject of(ValidRequest request) {
            return new Subject(
                    Optional.of(request.identity()), request.definition().name(), request.source());
        }
    }

    /**
     * Admitted: the request becomes a job.
     *
     * @param cap the most that the job may cost, which is reserved
     */
    record Admitted(Subject subject, Cost cap, ProducerRecord<byte[], byte[]> record)
            implements Decision {}

    /**
     * Answered: the request gets the result that an identical request paid for.
     *
     * @param saved what that result cost, in USD
     */
    record Answered(Subject subject, BigDecimal saved, ProducerRecord<byte[], byte[]> record)
            implements Decision {}

    /** Denied: the request gets a dead letter. */
    record Denied(Subject subject, Reason reason, ProducerRecord<byte[], byte[]> record)
            implements Decision {}
}
