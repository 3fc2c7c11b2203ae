package dev.sluice.app.letters;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.contract.Discard;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The dead letters about which nothing is left to do. */
public final class Discards {
    /** No dead letter is discarded. */
    public static final Discards NONE = new Discards(Map.of());

    private final Map<DeadLetterPlace, Discard> byPlace;

    private Discards(Map<DeadLetterPlace, Discard> byPlace) {
        this.byPlace = byPlace;
    }

    /**
     * Reads the discards of dead letters that were written at a time or later. An installation
     * without the topic has none.
     *
     * @throws org.apache.kafka.common.errors.AuthorizationException if a right is missing
     */
    public static Discards read(KafkaConnection connection, Instant since) {
        String topic = connection.topics().discards();
        Map<DeadLetterPlace, Discard> byPlace = new HashMap<>();
        Map<CharSequence, CharSequence> texts = new HashMap<>();
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            if (!reader.exists(topic)) {
                return NONE;
            }
            LenientDecoder<Discard> discards =
                    new LenientDecoder<>(
                            connection.deserializer(registry, Discard.class), topic, _ -> true);
            Map<Integer, Long> first = reader.offsets(connection.topics().deadLetters(), since);
            reader.readAll(
                    topic,
                    record ->
                            DeadLetterPlace.of(LenientDecoder.key(record))
                                    .filter(place -> isSince(place, first))
                                    .ifPresent(place ->
                                            take(place, record, discards, byPlace, texts)));
        }
        return new Discards(byPlace);
    }

    private static boolean isSince(DeadLetterPlace place, Map<Integer, Long> first) {
        return place.offset() >= first.getOrDefault(place.partition(), Long.MAX_VALUE);
    }

    private static void take(
            DeadLetterPlace place,
            ConsumerRecord<byte[], byte[]> record,
            LenientDecoder<Discard> discards,
            Map<DeadLetterPlace, Discard> byPlace,
            Map<CharSequence, CharSequence> texts) {
        if (record.value() == null) {
            byPlace.remove(place);
        } else {
            discards.decode(record)
                    .ifPresent(discard -> byPlace.put(place, compact(discard, texts)));
        }
    }

    /** Many have the same note. */
    private static Discard compact(Discard discard, Map<CharSequence, CharSequence> texts) {
        discard.setNote(texts.computeIfAbsent(discard.getNote(), note -> note));
        discard.setDiscardedBy(texts.computeIfAbsent(discard.getDiscardedBy(), by -> by));
        discard.setRequestId(null);
        return discard;
    }

    /** Whether the dead letter at a place was discarded at exactly that time. */
    public boolean isOf(DeadLetterPlace place, Instant time) {
        return at(place).filter(discard -> discard.getDiscardedAt().equals(time)).isPresent();
    }

    /**
     * The discard of the dead letter at a place, without its requestId; empty if it is not
     * discarded.
     */
    public Optional<Discard> at(DeadLetterPlace place) {
        return Optional.ofNullable(byPlace.get(place));
    }
}
