package dev.sluice.app.client;

import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes a few records, and waits until the brokers have them. */
public final class Writes {
    private Writes() {}

    /**
     * Writes a record for each of these.
     *
     * @throws IllegalStateException if the brokers do not take all of them; writing them again
     *     changes nothing
     */
    public static <T> void all(
            KafkaConnection connection,
            Collection<T> each,
            Function<T, ProducerRecord<byte[], byte[]>> record)
            throws InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (T one : each) {
                sent.add(producer.send(record.apply(one)));
            }
            producer.flush();
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the brokers do not have all of it; do the same again: " + e.getCause(),
                    e.getCause());
        }
    }
}
