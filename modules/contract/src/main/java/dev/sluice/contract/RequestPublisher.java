package dev.sluice.contract;

import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.NullMarked;

/** Publishes analysis requests, keyed by the user who pays. Safe for use by many threads. */
@NullMarked
public final class RequestPublisher implements AutoCloseable {
    static {
        TrustedRecords.install();
    }

    private final Producer<String, AnalysisRequest> producer;
    private final String topic;

    /**
     * Opens a producer with acks from all replicas and idempotence on.
     *
     * @param settings Kafka producer settings and the serializer's ({@code schema.registry.url} and
     *     so on); they win over the defaults here
     */
    public RequestPublisher(Topics topics, Map<String, ?> settings) {
        Map<String, Object> producerSettings = new HashMap<>();
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        producerSettings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        producerSettings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producerSettings.putAll(settings);
        ConfluentAvroSerializer<AnalysisRequest> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(producerSettings, false);
        this.producer = new KafkaProducer<>(producerSettings, new StringSerializer(), serializer);
        this.topic = topics.requests();
    }

    /**
     * Sends one request.
     *
     * @return completes when the brokers have it; fails with Kafka's exception otherwise, {@code
     *     RecordTooLargeException} included
     */
    public CompletableFuture<RecordMetadata> publish(AnalysisRequest request) {
        CompletableFuture<RecordMetadata> acknowledged = new CompletableFuture<>();
        var unused =
                producer.send(
                        new ProducerRecord<>(topic, request.getUserId().toString(), request),
                        (metadata, failure) -> {
                            if (failure != null) {
                                acknowledged.completeExceptionally(failure);
                            } else {
                                acknowledged.complete(metadata);
                            }
                        });
        return acknowledged;
    }

    /** Waits up to 30 seconds for requests under way. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(30));
    }
}
