package dev.sluice.e2e;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes requests over a connection that is not a {@link Pipeline}'s. */
final class Requests {
    private Requests() {}

    /** Publishes requests and waits until the brokers have each. */
    static void publish(KafkaConnection connection, Collection<AnalysisRequest> requests)
            throws Exception {
        publish(connection, requests, Map.of());
    }

    /** Publishes requests with these headers. */
    static void publish(
            KafkaConnection connection,
            Collection<AnalysisRequest> requests,
            Map<String, String> headers)
            throws Exception {
        String topic = connection.topics().requests();
        try (ConfluentAvroSerializer<AnalysisRequest> serializer = new ConfluentAvroSerializer<>();
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                connection.producer(),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            serializer.configure(connection.registry(), false);
            for (AnalysisRequest request : requests) {
                byte[] key = request.getUserId().toString().getBytes(StandardCharsets.UTF_8);
                byte[] value = serializer.serialize(topic, request);
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key, value);
                headers.forEach((name, text) ->
                        record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
                var _ = producer.send(record).get();
            }
        }
    }
}
