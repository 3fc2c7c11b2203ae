package dev.sluice.app.calls;

import dev.sluice.app.client.UnreadRecords;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads the rows of calls. It begins at the offsets of the filter's time. */
public final class CallReader {
    private CallReader() {}

    /**
     * Reads the calls that a filter means; in order within each partition.
     *
     * @return records of the topic that are no calls
     * @throws dev.sluice.runtime.kafka.EnvironmentException if there is no topic of calls
     */
    public static UnreadRecords read(
            KafkaConnection connection, CallFilter filter, Consumer<ModelCall> each) {
        String topic = connection.topics().calls();
        UnreadRecords unread = new UnreadRecords(topic);
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            ConfluentAvroDeserializer<ModelCall> calls =
                    connection.deserializer(registry, ModelCall.class);
            reader.read(
                    topic,
                    filter.since(),
                    filter.until(),
                    record -> {
                        if (filter.mayMean(key(record))) {
                            decoded(calls, record, unread).filter(filter::means).ifPresent(each);
                        }
                    });
        }
        return unread;
    }

    private static Optional<ModelCall> decoded(
            ConfluentAvroDeserializer<ModelCall> calls,
            ConsumerRecord<byte[], byte[]> record,
            UnreadRecords unread) {
        try {
            ModelCall call = calls.deserialize(record.topic(), record.value());
            if (call != null) {
                return Optional.of(call);
            }
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
        }
        unread.add(record);
        return Optional.empty();
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }
}
