package dev.sluice.contract;

import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.contract.serde.TrustedRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

/** A producer of analysis requests, keyed by the user who pays. Safe for use by many threads. */
@NullMarked
public final class RequestPublisher implements AutoCloseable {
    static {
        TrustedRecords.install();
    }

    /** Largest request that the topic accepts by default ({@code topics.max-request-bytes}). */
    private static final int MAX_REQUEST_BYTES = 8 << 20;

    /** Bytes that the client may add to a record. */
    private static final int FRAMING_BYTES = 64 << 10;

    /** Longest wait of {@link #publish} for brokers or for room in the producer's memory. */
    private static final int MAX_BLOCK_MS = 10_000;

    private final Producer<String, AnalysisRequest> producer;
    private final String topic;

    /**
     * Opens a producer with acks from all replicas, idempotence on, no compression, requests of up
     * to 8 MiB, and a wait of at most 10 s for the brokers.
     *
     * @param settings settings of the Kafka producer and the serializer, such as {@code
     *     schema.registry.url}; they override the defaults above
     * @throws KafkaException if a setting is not valid; a {@code
     *     org.apache.kafka.common.config.ConfigException} names it. The constructor does not
     *     connect to the brokers or the registry
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
     * Sends one request. The call waits for up to {@code max.block.ms} (10 s) if the topic's
     * metadata is not known yet or the producer's memory is full. It also calls the registry in the
     * caller's thread, once per schema.
     *
     * @param headers headers of the record, with UTF-8 values: {@code traceparent}, or {@link
     *     HeaderNames#GENERATION} to redrive a request
     * @return completes when the brokers have stored the request. Fails with {@link
     *     InvalidRequestException} if the request breaks one of {@link RequestRules}, and is not
     *     sent then; {@code UnknownTopicOrPartitionException} if the topic does not exist, {@code
     *     TimeoutException} if the brokers do not answer, {@code RecordTooLargeException}, {@code
     *     SerializationException} if the registry rejects the schema, {@code
     *     RegistryUnavailableException} if the registry does not answer
     * @throws IllegalStateException if the publisher is closed
     * @throws InterruptException if the thread is interrupted while it waits
     */
    public CompletableFuture<RecordMetadata> publish(
            AnalysisRequest request, Map<String, String> headers) {
        CompletableFuture<RecordMetadata> acknowledged = new CompletableFuture<>();
        Optional<RequestRules.Broken> broken = RequestRules.check(request, Long.MAX_VALUE);
        if (broken.isPresent()) {
            acknowledged.completeExceptionally(
                    new InvalidRequestException(broken.get().reason(), broken.get().message()));
            return acknowledged;
        }
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
        // Without a userId there is no key; the serializer reports the missing field.
        CharSequence user = request.getUserId();
        ProducerRecord<String, AnalysisRequest> record =
                new ProducerRecord<>(topic, user == null ? null : user.toString(), request);
        headers.forEach((name, value) ->
                record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    /**
     * Replaces Kafka's timeout for a missing topic by an error that names the topic and the fix.
     */
    private Exception explained(Exception failure) {
        if (failure instanceof TimeoutException
                && failure.getCause() instanceof UnknownTopicOrPartitionException) {
            return new UnknownTopicOrPartitionException(
                    "topic "
                            + topic
                            + " does not exist: create it with `sluice topics create`, or give this"
                            + " publisher the prefix set in topics.prefix",
                    failure);
        }
        return failure;
    }

    /** Closes the producer; waits up to 30 seconds for requests that are being sent. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(30));
    }
}
