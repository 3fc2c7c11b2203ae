package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Records that the brokers reject until an operator fixes the cause: the topic is missing, Sluice
 * has no permission, or the topic accepts smaller records only.
 *
 * @param reason the brokers' error
 * @param concerns matches the rejected records
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
