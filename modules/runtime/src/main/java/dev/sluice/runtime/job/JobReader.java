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

/** Reads jobs, and the requests in them. Safe for use by many threads. */
public final class JobReader {
    /** A magic byte and the id of a schema. */
    private static final int FRAME = 1 + Integer.BYTES;

    private final ConfluentAvroDeserializer<AnalysisJob> jobs;
    private final ConfluentAvroDeserializer<AnalysisRequest> requests;

    public JobReader(KafkaConnection connection, SchemaRegistry registry) {
        this.jobs = connection.deserializer(registry, AnalysisJob.class);
        this.requests = connection.deserializer(registry, AnalysisRequest.class);
    }

    /**
     * A job.
     *
     * @throws RuntimeException for which {@link dev.sluice.runtime.kafka.RegistryOutage} says that
     *     the registry gives no answer: admission could read the request, so this worker will
     * @throws UndecodableException if it cannot be read with its schema, or has no request in it
     */
    public Job read(ConsumerRecord<byte[], byte[]> record) {
        @Nullable AnalysisJob admitted =
                jobs.deserialize(record.topic(), record.headers(), record.value());
        @Nullable AnalysisRequest request = admitted == null ? null : request(admitted.getSource());
        if (admitted == null || request == null) {
            throw new UndecodableException("the record has no value, or no request in it", null);
        }
        return new Job(admitted, request);
    }

    /**
     * Whether a record was not written by admission, whatever the registry says: its value is not
     * Avro in Confluent's framing.
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
