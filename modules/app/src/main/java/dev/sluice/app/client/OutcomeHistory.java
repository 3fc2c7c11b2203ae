package dev.sluice.app.client;

import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicRange;
import dev.sluice.runtime.kafka.TopicReader;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads the outcomes of a time. */
public final class OutcomeHistory {
    private OutcomeHistory() {}

    /**
     * Reads outcomes by the time at which they were written; in order within each partition.
     *
     * @param topics topics of results, and of dead letters if these are asked for
     * @param until the first time that is too late; empty for now
     * @param requestIds which requests are asked for; records of others are not decoded
     * @return records on the topics that are no outcomes
     * @throws dev.sluice.runtime.kafka.EnvironmentException if a topic does not exist
     */
    public static UnreadRecords read(
            KafkaConnection connection,
            Collection<String> topics,
            Instant since,
            Optional<Instant> until,
            Predicate<String> requestIds,
            Consumer<OutcomeRecord> each) {
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            OutcomeDecoder decoder = new OutcomeDecoder(connection, registry);
            for (String topic : topics) {
                reader.read(
                        topic,
                        new TopicRange(since, until, Map.of()),
                        record -> {
                            if (requestIds.test(LenientDecoder.key(record))) {
                                decoder.decode(record).ifPresent(each);
                            }
                        });
            }
            return decoder.unread();
        }
    }
}
