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
 * The sends of one transaction that failed. Most failures are of the whole transaction or of the
 * brokers; some tell of one record or its topic, and last until somebody mends the cause.
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

    /** Whether a failure lasts, for all records of the topic that met it. */
    static boolean isOfTheTopic(Throwable failure) {
        return OF_THE_TOPIC.contains(failure.getClass());
    }

    /** Takes note of how sending a record ends. */
    Callback watching(ProducerRecord<byte[], byte[]> record) {
        return (metadata, failure) -> {
            if (failure != null) {
                failures.add(new Failure(record, failure));
            }
        };
    }

    /** What the brokers refuse for good, if that is what went wrong; complete after an abort. */
    Optional<BrokerRejection> refusal() {
        for (Failure failure : failures) {
            String topic = failure.record().topic();
            String reason = failure.reason().toString();
            if (isOfTheTopic(failure.reason())) {
                return Optional.of(BrokerRejection.ofTopic(topic, reason));
            }
            if (isOfTheRecord(failure)) {
                List<ProducerRecord<byte[], byte[]>> refused =
                        failures.stream()
                                .filter(SendFailures::isOfTheRecord)
                                .map(Failure::record)
                                .filter(record -> record.topic().equals(topic))
                                .toList();
                return Optional.of(new BrokerRejection(topic, reason, refused::contains));
            }
        }
        return Optional.empty();
    }

    private static boolean isOfTheRecord(Failure failure) {
        return OF_THE_RECORD.contains(failure.reason().getClass());
    }
}
