package dev.sluice.app.redrive;

import dev.sluice.app.client.RequestIdentity;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records that redrive requests: the same key, value and headers, with the next
 * generation, and with another deadline if one is asked for. Not for use by several threads.
 */
final class RedriveRequests implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String topic;
    private final Optional<Duration> deadline;
    private final ConfluentAvroDeserializer<AnalysisRequest> deserializer;
    private final ConfluentAvroSerializer<Object> serializer;
    private final KafkaConsumer<byte[], byte[]> consumer;

    RedriveRequests(
            KafkaConnection connection, SchemaRegistry registry, Optional<Duration> deadline) {
        this.topic = connection.topics().requests();
        this.deadline = deadline;
        this.deserializer = connection.deserializer(registry, AnalysisRequest.class);
        this.serializer = connection.serializer(registry);
        this.consumer = connection.openConsumer();
    }

    /**
     * The record that redrives a dead letter's request; empty if neither the letter nor the topic
     * of requests has its record.
     */
    Optional<SourceRecord> next(DeadLetter letter, Instant now) {
        return original(letter).map(record -> again(record, letter.getGeneration() + 1, now));
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
        List<TopicPartition> one = List.of(partition);
        consumer.assign(one);
        long offset = reference.getOffset();
        if (consumer.beginningOffsets(one).getOrDefault(partition, Long.MAX_VALUE) > offset
                || consumer.endOffsets(one).getOrDefault(partition, 0L) <= offset) {
            return Optional.empty();
        }
        consumer.seek(partition, offset);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                return Optional.of(record)
                        .filter(found -> found.offset() == offset)
                        .map(found ->
                                OriginalRecords.of(
                                        partition,
                                        offset,
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
        }
        throw new TimeoutException("no record of " + partition + " in time");
    }

    private SourceRecord again(SourceRecord original, int generation, Instant now) {
        List<RecordHeader> headers = new ArrayList<>();
        for (RecordHeader header : original.getHeaders()) {
            if (!header.getKey().toString().equals(HeaderNames.GENERATION)) {
                headers.add(header);
            }
        }
        byte[] number = String.valueOf(generation).getBytes(StandardCharsets.UTF_8);
        headers.add(new RecordHeader(HeaderNames.GENERATION, ByteBuffer.wrap(number)));
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
                .flatMap(record -> Optional.ofNullable(record.getValue()))
                .flatMap(this::decoded)
                .map(request ->
                        new RequestIdentity(
                                request.getUserId().toString(), request.getRequestId().toString()));
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
        consumer.close();
    }
}
