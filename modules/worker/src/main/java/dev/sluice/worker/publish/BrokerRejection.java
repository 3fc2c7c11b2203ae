package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records that the brokers will not take until somebody mends the cause: a topic that is missing,
 * closed to us, or takes smaller records only.
 *
 * @param reason what the brokers say
 * @param concerns which records
 */
record BrokerRejection(
        String topic, String reason, Predicate<ProducerRecord<byte[], byte[]>> concerns) {

    static BrokerRejection ofTopic(String topic, String reason) {
        return new BrokerRejection(topic, reason, record -> record.topic().equals(topic));
    }

    boolean concerns(Outcome outcome) {
        return outcome.records().stream().anyMatch(concerns);
    }
}
