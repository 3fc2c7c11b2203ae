package dev.sluice.app.calls;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.UnreadRecords;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicRange;
import dev.sluice.runtime.kafka.TopicReader;
import java.util.Map;
import java.util.function.Consumer;

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
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            LenientDecoder<ModelCall> calls =
                    new LenientDecoder<>(
                            connection.deserializer(registry, ModelCall.class), topic, _ -> true);
            reader.read(
                    topic,
                    new TopicRange(filter.since(), filter.until(), Map.of()),
                    record -> {
                        if (filter.mayMean(LenientDecoder.key(record))) {
                            calls.decode(record).filter(filter::means).ifPresent(each);
                        }
                    });
            return calls.unread();
        }
    }
}
