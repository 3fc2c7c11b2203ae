package dev.sluice.app.redrive;

import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RecordLookup;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.runtime.outcome.OriginalRecords;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records that redrive requests: the same key, value and headers, with the next
 * generation, and with another deadline or a rejudgement if one is asked for.
 */
final class RedriveRequests implements AutoCloseable {
    /** Headers that a redrive sets, and does not keep. */
    private static final Set<String> OWN = Set.of(HeaderNames.GENERATION, HeaderNames.REJUDGE);

    private final String topic;
    private final Optional<Duration> deadline;
    private final boolean isRejudge;
    private final ConfluentAvroDeserializer<AnalysisRequest> deserializer;
    private final ConfluentAvroSerializer<Object> serializer;
    private final RecordLookup lookup;

    RedriveRequests(KafkaConnection connection, SchemaRegistry registry, RedriveLimits limits) {
        this.topic = connection.topics().requests();
        this.deadline = limits.deadline();
        this.isRejudge = limits.isRejudge();
        this.deserializer = connection.deserializer(registry, AnalysisRequest.class);
        this.serializer = connection.serializer(registry);
        this.lookup = new RecordLookup(connection);
    }

    /**
     * The record that redrives a dead letter's request; empty if neither the letter nor the topic
     * of requests has its record.
     *
     * @param generation the generation that it gets
     */
    Optional<SourceRecord> next(StoredLetter stored, int generation, Instant now) {
        return original(stored.letter()).map(record -> again(record, stored, generation, now));
    }

    private Optional<SourceRecord> original(DeadLetter letter) {
        return switch (letter.getOriginal()) {
            case SourceRecord record -> Optional.of(record);
            case SourceReference reference -> read(reference);
            case null, default -> Optional.empty();
        };
    }

    /** The record that a reference names, if the topic still has it. */
    private Optional<SourceRecord> read(SourceReference reference) {
        TopicPartition partition =
                new TopicPartition(reference.getTopic().toString(), reference.getPartition());
        return found(partition, reference.getOffset())
                .map(found ->
                        OriginalRecords.of(
                                partition,
                                found.offset(),
                                found.timestamp(),
                                found.key(),
                                found.value(),
                                found.headers()))
                .filter(found ->
                        DeadLetterWriter.reference(found)
                                .getSha256()
                                .toString()
                                .contentEquals(reference.getSha256()));
    }

    private Optional<ConsumerRecord<byte[], byte[]>> found(TopicPartition partition, long offset) {
        try {
            return lookup.find(partition, offset);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private SourceRecord again(
            SourceRecord original, StoredLetter stored, int generation, Instant now) {
        List<RecordHeader> headers = new ArrayList<>();
        for (RecordHeader header : original.getHeaders()) {
            if (!OWN.contains(header.getKey().toString())) {
                headers.add(header);
            }
        }
        byte[] number = String.valueOf(generation).getBytes(StandardCharsets.UTF_8);
        headers.add(new RecordHeader(HeaderNames.GENERATION, ByteBuffer.wrap(number)));
        if (isRejudge) {
            headers.add(stored.place().header());
        }
        return SourceRecord.newBuilder(original)
                .setTopic(topic)
                .setTimestamp(now)
                .setHeaders(headers)
                .setValue(value(original, now))
                .build();
    }

    private @Nullable ByteBuffer value(SourceRecord original, Instant now) {
        ByteBuffer value = original.getValue();
        if (value == null || deadline.isEmpty()) {
            return value;
        }
        Optional<AnalysisRequest> request = decoded(value);
        if (request.isEmpty()) {
            // Not a request; the check of the record says so.
            return value;
        }
        request.get().setDeadline(now.plus(deadline.get()));
        return ByteBuffer.wrap(serializer.serialize(topic, request.get()));
    }

    /** Who asked, according to the request of a dead letter; empty if it cannot be read. */
    Optional<RequestIdentity> identity(DeadLetter letter) {
        return original(letter)
                .flatMap(this::request)
                .map(request ->
                        new RequestIdentity(
                                request.getUserId().toString(), request.getRequestId().toString()));
    }

    /** The request of a record; empty if it is none. */
    Optional<AnalysisRequest> request(SourceRecord record) {
        return Optional.ofNullable(record.getValue()).flatMap(this::decoded);
    }

    private Optional<AnalysisRequest> decoded(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        try {
            return Optional.ofNullable(deserializer.deserialize(topic, bytes));
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        lookup.close();
    }
}
