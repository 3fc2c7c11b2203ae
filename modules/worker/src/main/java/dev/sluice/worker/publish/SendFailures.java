package dev.sluice.worker.publish;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The failed sends of one transaction. Most failures concern the whole transaction or the brokers.
 * Some concern one record or its topic, and last until an operator fixes the cause.
 */
final class SendFailures {
    private static final Set<Class<? extends Exception>> OF_THE_TOPIC =
            Set.of(
                    UnknownTopicOrPartitionException.class,
                    InvalidTopicException.class,
                    TopicAuthorizationException.class,
                    PolicyViolationException.class);

    private static final Set<Class<? extends Exception>> OF_THE_RECORD =
            Set.of(
                    RecordTooLargeException.class,
                    RecordBatchTooLargeException.class,
                    InvalidRecordException.class,
                    InvalidTimestampException.class);

    private record Failure(ProducerRecord<byte[], byte[]> record, Exception reason) {}

    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();

    /** Whether a failure concerns all records of the topic and lasts. */
    static boolean concernsTopic(Throwable failure) {
        return OF_THE_TOPIC.contains(failure.getClass());
    }

    /** A producer callback that collects the failure of this record, if any. */
    Callback callback(ProducerRecord<byte[], byte[]> record) {
        return (metadata, failure) -> {
            if (failure != null) {
                failures.add(new Failure(record, failure));
            }
        };
    }

    /** The lasting rejection among the failures, if there is one. Complete only after an abort. */
    Optional<BrokerRejection> rejection() {
        for (Failure failure : failures) {
            String topic = failure.record().topic();
            String reason = failure.reason().toString();
            if (concernsTopic(failure.reason())) {
                return Optional.of(BrokerRejection.ofTopic(topic, reason));
            }
            if (concernsRecord(failure)) {
                List<ProducerRecord<byte[], byte[]>> rejected =
                        failures.stream()
                                .filter(SendFailures::concernsRecord)
                                .map(Failure::record)
                                .filter(record -> record.topic().equals(topic))
                                .toList();
                return Optional.of(new BrokerRejection(topic, reason, rejected::contains));
            }
        }
        return Optional.empty();
    }

    private static boolean concernsRecord(Failure failure) {
        return OF_THE_RECORD.contains(failure.reason().getClass());
    }
}
