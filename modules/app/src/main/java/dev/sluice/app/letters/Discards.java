package dev.sluice.app.letters;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.contract.Discard;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The dead letters about which nothing is left to do. */
public final class Discards {
    /** No dead letter is discarded. */
    public static final Discards NONE = new Discards(Map.of());

    private final Map<String, Discard> byPlace;

    private Discards(Map<String, Discard> byPlace) {
        this.byPlace = byPlace;
    }

    /**
     * Reads the topic of discards, which is compacted. An installation without the topic has none.
     */
    public static Discards read(KafkaConnection connection) {
        String topic = connection.topics().discards();
        Map<String, Discard> byPlace = new HashMap<>();
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            if (!reader.exists(topic)) {
                return NONE;
            }
            LenientDecoder<Discard> discards =
                    new LenientDecoder<>(
                            connection.deserializer(registry, Discard.class), topic, _ -> true);
            reader.readAll(topic, record -> take(record, discards, byPlace));
        }
        return new Discards(byPlace);
    }

    private static void take(
            ConsumerRecord<byte[], byte[]> record,
            LenientDecoder<Discard> discards,
            Map<String, Discard> byPlace) {
        String place = LenientDecoder.key(record);
        if (record.value() == null) {
            byPlace.remove(place);
        } else {
            discards.decode(record).ifPresent(discard -> byPlace.put(place, discard));
        }
    }

    /** The discard of the dead letter at a place; empty if it is not discarded. */
    public Optional<Discard> at(DeadLetterPlace place) {
        return Optional.ofNullable(byPlace.get(place.toString()));
    }
}
