package dev.sluice.runtime.job;

import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.UndecodableException;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Decodes job records and the requests inside them. Safe for use by many threads. */
public final class JobReader {
    /** Length of Confluent's prefix: a magic byte and the schema id. */
    private static final int FRAME = 1 + Integer.BYTES;

    private final ConfluentAvroDeserializer<AnalysisJob> jobs;
    private final ConfluentAvroDeserializer<AnalysisRequest> requests;

    public JobReader(KafkaConnection connection, SchemaRegistry registry) {
        this.jobs = connection.deserializer(registry, AnalysisJob.class);
        this.requests = connection.deserializer(registry, AnalysisRequest.class);
    }

    /**
     * Decodes a job.
     *
     * @throws RuntimeException that is a {@link dev.sluice.runtime.kafka.RegistryOutage} while the
     *     registry does not answer. The caller waits: admission could read the request, so this
     *     worker will be able to
     * @throws UndecodableException if the record cannot be decoded with its schema, or has no
     *     request
     */
    public Job read(ConsumerRecord<byte[], byte[]> record) {
        @Nullable AnalysisJob admitted =
                jobs.deserialize(record.topic(), record.headers(), record.value());
        @Nullable AnalysisRequest request = admitted == null ? null : request(admitted.getSource());
        if (admitted == null || request == null) {
            throw new UndecodableException(
                    "the record has no value, or its job has no request", null);
        }
        return new Job(admitted, request);
    }

    /**
     * Whether a record was certainly not written by admission, because its value is not Avro in
     * Confluent's wire format. The registry is not needed to decide this.
     */
    public static boolean isForeign(ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] value = record.value();
        return value == null || value.length < FRAME || value[0] != 0;
    }

    private @Nullable AnalysisRequest request(SourceRecord source) {
        ByteBuffer value = source.getValue();
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return requests.deserialize(source.getTopic().toString(), bytes);
    }
}
