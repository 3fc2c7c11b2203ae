package dev.sluice.app.letters;

import dev.sluice.app.client.Writes;
import dev.sluice.contract.Discard;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Discards dead letters, and takes that back. */
public final class DiscardWriter {
    private final KafkaConnection connection;

    public DiscardWriter(KafkaConnection connection) {
        this.connection = connection;
    }

    /**
     * A dead letter that is meant.
     *
     * @param requestId null if it has none
     */
    public record Target(DeadLetterPlace place, @Nullable CharSequence requestId) {
        public static Target of(StoredLetter stored) {
            return new Target(stored.place(), stored.letter().getRequestId());
        }
    }

    /**
     * Discards dead letters.
     *
     * @param note why nothing is left to do about them
     * @param by who says so
     * @param at when; the same again writes the same
     * @throws EnvironmentException if there is no topic of discards
     * @throws IllegalStateException if the brokers do not take them all
     */
    public void discard(Collection<Target> targets, String note, String by, Instant at)
            throws InterruptedException {
        String topic = connection.topics().discards();
        try (SchemaRegistry registry = connection.openRegistry()) {
            ConfluentAvroSerializer<Discard> serializer = connection.serializer(registry);
            publish(
                    targets,
                    target ->
                            serializer.serialize(
                                    topic,
                                    Discard.newBuilder()
                                            .setRequestId(target.requestId())
                                            .setNote(note)
                                            .setDiscardedBy(by)
                                            .setDiscardedAt(at)
                                            .build()));
        }
    }

    /**
     * Takes the discards of dead letters back.
     *
     * @throws EnvironmentException if there is no topic of discards
     * @throws IllegalStateException if the brokers do not take them all
     */
    public void takeBack(Collection<Target> targets) throws InterruptedException {
        publish(targets, _ -> null);
    }

    private interface Value {
        byte @Nullable [] of(Target target);
    }

    private void publish(Collection<Target> targets, Value value) throws InterruptedException {
        String topic = connection.topics().discards();
        try (TopicReader reader = TopicReader.open(connection)) {
            if (!reader.exists(topic)) {
                throw EnvironmentException.missingTopic(topic);
            }
        }
        Writes.all(
                connection,
                targets,
                target ->
                        new ProducerRecord<>(
                                topic,
                                target.place().toString().getBytes(StandardCharsets.UTF_8),
                                value.of(target)));
    }
}
