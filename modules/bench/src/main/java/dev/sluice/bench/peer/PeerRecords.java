package dev.sluice.bench.peer;

import dev.sluice.bench.pipeline.Installation;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The records that peers read and write, and their Kafka clients. */
final class PeerRecords {
    static final String GROUP = "peer";
    static final int PARTITIONS = Installation.PARTITIONS;

    private static final int DEFAULT_RECORDS = 500;

    /** Enough for a large batch of a partition. */
    private static final int FETCH_BYTES = 16 << 20;

    private final Installation installation;
    private final ConfluentAvroDeserializer<AnalysisRequest> deserializer;

    /** Held while the registry is asked for the schema: one thread asks, the others wait. */
    private final Lock firstRead = new ReentrantLock();

    private volatile boolean schemaKnown;

    PeerRecords(Installation installation) {
        this.installation = installation;
        this.deserializer =
                installation
                        .connection()
                        .deserializer(
                                installation.connection().openRegistry(), AnalysisRequest.class);
    }

    String topic() {
        return installation.connection().topics().requests();
    }

    /** Asks the model about a request; returns the record of its answer. */
    ProducerRecord<byte[], byte[]> answer(
            ConsumerRecord<byte[], byte[]> record, ModelClient model) {
        AnalysisRequest request = request(record);
        String answer = model.answer(request.getContent().toString());
        return new ProducerRecord<>(
                installation.connection().topics().results(Installation.ANALYSIS),
                request.getRequestId().toString().getBytes(StandardCharsets.UTF_8),
                answer.getBytes(StandardCharsets.UTF_8));
    }

    private AnalysisRequest request(ConsumerRecord<byte[], byte[]> record) {
        if (schemaKnown) {
            return read(record);
        }
        firstRead.lock();
        try {
            AnalysisRequest request = read(record);
            schemaKnown = true;
            return request;
        } finally {
            firstRead.unlock();
        }
    }

    private AnalysisRequest read(ConsumerRecord<byte[], byte[]> record) {
        return Objects.requireNonNull(deserializer.deserialize(record.topic(), record.value()));
    }

    Map<String, Object> producerSettings() {
        return new HashMap<>(installation.connection().producer());
    }

    KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Settings of a consumer.
     *
     * @param mostRecords records that it may return at once, if more than the default
     */
    Map<String, Object> consumerSettings(int mostRecords) {
        Map<String, Object> settings = new HashMap<>(installation.connection().consumer());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Math.max(DEFAULT_RECORDS, mostRecords));
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, PARTITIONS * FETCH_BYTES);
        return settings;
    }

    KafkaConsumer<byte[], byte[]> consumer(int mostRecords) {
        return new KafkaConsumer<>(
                consumerSettings(mostRecords),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Waits until the records are written. */
    static void await(KafkaProducer<byte[], byte[]> producer, List<Future<RecordMetadata>> sent) {
        producer.flush();
        for (Future<RecordMetadata> record : sent) {
            if (record.state() != Future.State.SUCCESS) {
                throw new IllegalStateException("not written", record.exceptionNow());
            }
        }
    }

    Map<String, Object> clientSettings() {
        return installation.connection().client();
    }
}
