package dev.sluice.contract;

import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.contract.serde.TrustedRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.NullMarked;

/** Publishes analysis requests, keyed by the user who pays. Safe for use by many threads. */
@NullMarked
public final class RequestPublisher implements AutoCloseable {
    static {
        TrustedRecords.install();
    }

    /** What the requests topic takes unless {@code topics.max-request-bytes} says otherwise. */
    private static final int MAX_REQUEST_BYTES = 8 << 20;

    /** Room for what the client adds around a record. */
    private static final int FRAMING_BYTES = 64 << 10;

    /** Longest wait of {@link #publish} for brokers or for room in the producer's memory. */
    private static final int MAX_BLOCK_MS = 10_000;

    private final Producer<String, AnalysisRequest> producer;
    private final String topic;

    /**
     * Opens a producer with acks from all replicas, idempotence on, no compression, requests of up
     * to 8 MiB, and a wait of 10 s at most for the brokers.
     *
     * @param settings Kafka producer settings and the serializer's ({@code schema.registry.url} and
     *     so on); they win over the defaults here
     * @throws KafkaException if a setting is not valid, a {@code
     *     org.apache.kafka.common.config.ConfigException} that names it among them; brokers and
     *     registry are not asked yet
     */
    public RequestPublisher(Topics topics, Map<String, ?> settings) {
        Map<String, Object> producerSettings = new HashMap<>();
        producerSettings.put(ProducerConfig.ACKS_CONFIG, "all");
        producerSettings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        producerSettings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        producerSettings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        producerSettings.put(
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES + FRAMING_BYTES);
        producerSettings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        producerSettings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS);
        producerSettings.putAll(settings);
        ConfluentAvroSerializer<AnalysisRequest> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(producerSettings, false);
        this.producer = new KafkaProducer<>(producerSettings, new StringSerializer(), serializer);
        this.topic = topics.requests();
    }

    /**
     * Sends one request without headers.
     *
     * @see #publish(AnalysisRequest, Map)
     */
    public CompletableFuture<RecordMetadata> publish(AnalysisRequest request) {
        return publish(request, Map.of());
    }

    /**
     * Sends one request. Waits for up to {@code max.block.ms} (10 s) where the brokers have not
     * said yet where the topic is, or the producer's memory is full; the registry is asked in the
     * caller's thread too, once for each schema.
     *
     * @param headers of the record, values as UTF-8: {@code traceparent}, or {@link
     *     HeaderNames#GENERATION} to redrive a request
     * @return completes when the brokers have it. Whatever else becomes of the request fails the
     *     future: {@code UnknownTopicOrPartitionException} if the topic does not exist, {@code
     *     TimeoutException} if the brokers do not answer, {@code RecordTooLargeException}, {@code
     *     SerializationException} if the registry refuses the schema or the request has no userId,
     *     {@code RegistryUnavailableException} if the registry does not answer
     * @throws IllegalStateException if the publisher is closed
     * @throws InterruptException if the thread is interrupted while it waits
     */
    public CompletableFuture<RecordMetadata> publish(
            AnalysisRequest request, Map<String, String> headers) {
        CompletableFuture<RecordMetadata> acknowledged = new CompletableFuture<>();
        try {
            var unused =
                    producer.send(
                            record(request, headers),
                            (metadata, failure) -> {
                                if (failure != null) {
                                    acknowledged.completeExceptionally(explained(failure));
                                } else {
                                    acknowledged.complete(metadata);
                                }
                            });
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException | AvroRuntimeException e) {
            acknowledged.completeExceptionally(e);
        }
        return acknowledged;
    }

    private ProducerRecord<String, AnalysisRequest> record(
            AnalysisRequest request, Map<String, String> headers) {
        // Without a user there is no key; the serializer says what is missing.
        CharSequence user = request.getUserId();
        ProducerRecord<String, AnalysisRequest> record =
                new ProducerRecord<>(topic, user == null ? null : user.toString(), request);
        headers.forEach((name, value) ->
                record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    /** Kafka says of a topic that does not exist that it took too long to find it. */
    private Exception explained(Exception failure) {
        if (failure instanceof TimeoutException
                && failure.getCause() instanceof UnknownTopicOrPartitionException) {
            return new UnknownTopicOrPartitionException(
                    "topic "
                            + topic
                            + " does not exist: create it with `sluice topics create`, or give this"
                            + " publisher the prefix that topics.prefix has",
                    failure);
        }
        return failure;
    }

    /** Waits up to 30 seconds for requests under way. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(30));
    }
}
