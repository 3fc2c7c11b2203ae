package dev.sluice.app.letters;

import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.UnreadRecords;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Reason;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RecordLookup;
import dev.sluice.runtime.kafka.TopicReader;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Reads dead letters. It begins at the offsets of the filter's time, and decodes only records whose
 * key and headers fit, so what it reads depends on the time asked for and not on the topic's size.
 */
public final class LetterReader {
    private LetterReader() {}

    /**
     * Reads the dead letters that a filter means; in order within each partition.
     *
     * @throws dev.sluice.runtime.kafka.EnvironmentException if there is no topic of dead letters
     */
    public static UnreadRecords read(
            KafkaConnection connection, LetterFilter filter, Consumer<StoredLetter> each) {
        String topic = connection.topics().deadLetters();
        try (SchemaRegistry registry = connection.openRegistry();
                TopicReader reader = TopicReader.open(connection)) {
            LenientDecoder<DeadLetter> letters =
                    new LenientDecoder<>(
                            connection.deserializer(registry, DeadLetter.class), topic, _ -> true);
            reader.read(
                    topic,
                    filter.range(),
                    record -> {
                        if (filter.mayMean(LenientDecoder.key(record), reason(record))) {
                            letters.decode(record)
                                    .filter(filter::means)
                                    .ifPresent(letter -> each.accept(stored(record, letter)));
                        }
                    });
            return letters.unread();
        }
    }

    /** For each partition the offset of the next dead letter. */
    public static Map<Integer, Long> ends(KafkaConnection connection) {
        try (TopicReader reader = TopicReader.open(connection)) {
            return reader.ends(connection.topics().deadLetters());
        }
    }

    /**
     * The dead letter at a place; empty if it has been deleted, or the record there is none.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public static Optional<StoredLetter> find(KafkaConnection connection, DeadLetterPlace place)
            throws InterruptedException {
        String topic = connection.topics().deadLetters();
        try (SchemaRegistry registry = connection.openRegistry();
                RecordLookup lookup = new RecordLookup(connection)) {
            LenientDecoder<DeadLetter> letters =
                    new LenientDecoder<>(
                            connection.deserializer(registry, DeadLetter.class), topic, _ -> true);
            return lookup.find(new TopicPartition(topic, place.partition()), place.offset())
                    .flatMap(
                            record -> letters.decode(record).map(letter -> stored(record, letter)));
        }
    }

    /** The reason in the headers; empty if this version does not know it. */
    private static Optional<Reason> reason(ConsumerRecord<byte[], byte[]> record) {
        return Optional.ofNullable(record.headers().lastHeader(HeaderNames.REASON))
                .map(LetterReader::value)
                .flatMap(name ->
                        Arrays.stream(Reason.values())
                                .filter(reason -> reason.name().equals(name))
                                .findFirst());
    }

    private static StoredLetter stored(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
        List<StoredLetter.Header> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new StoredLetter.Header(header.key(), value(header)));
        }
        return new StoredLetter(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                headers,
                letter);
    }

    private static String value(Header header) {
        byte[] value = header.value();
        if (value == null) {
            return "";
        }
        return switch (header.key()) {
            case HeaderNames.DLT_ORIGINAL_PARTITION ->
                    value.length == Integer.BYTES
                            ? String.valueOf(ByteBuffer.wrap(value).getInt())
                            : text(value);
            case HeaderNames.DLT_ORIGINAL_OFFSET, HeaderNames.DLT_ORIGINAL_TIMESTAMP ->
                    value.length == Long.BYTES
                            ? String.valueOf(ByteBuffer.wrap(value).getLong())
                            : text(value);
            default -> text(value);
        };
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return HexFormat.of().formatHex(bytes);
        }
    }
}
