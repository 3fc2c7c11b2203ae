package dev.sluice.runtime.outcome;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Stage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Writes the outcomes of records on a jobs topic that are not jobs, so that they do not hold up
 * jobs.
 */
final class UndecodableJobs {
    /**
     * Largest key and headers, in bytes, for which the dead letter still fits with the whole
     * record.
     */
    private static final long MOST_BESIDE = 64_000;

    private final DeadLetterWriter writer;
    private final InstantSource clock;

    UndecodableJobs(DeadLetterWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /**
     * The outcome of such a record: a dead letter with the whole record. There is no request, and
     * nothing was reserved.
     */
    Outcome outcome(ConsumerRecord<byte[], byte[]> record, String message) {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setKind(Reasons.kind(Reason.UNDECODABLE))
                        .setReason(Reason.UNDECODABLE)
                        .setMessage("not a job: " + message)
                        .setStage(Stage.WORKER)
                        .setFailedAt(clock.instant())
                        .setOriginal(source(record))
                        .build();
        return new Outcome(
                "",
                "",
                "",
                new CallRows(List.of()),
                Optional.of(Reason.UNDECODABLE),
                List.of(fits(record) ? writer.record(letter) : writer.referring(letter)));
    }

    /**
     * Whether the dead letter fits. Key and headers count because the dead letter contains them and
     * also has a key and headers itself.
     */
    private static boolean fits(ConsumerRecord<byte[], byte[]> record) {
        long beside = record.serializedKeySize();
        for (Header header : record.headers()) {
            beside += header.key().length();
            beside += header.value() == null ? 0 : header.value().length;
        }
        return beside <= MOST_BESIDE;
    }

    private static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        List<RecordHeader> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new RecordHeader(header.key(), wrapped(header.value())));
        }
        return SourceRecord.newBuilder()
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTimestamp(Instant.ofEpochMilli(record.timestamp()))
                .setKey(wrapped(record.key()))
                .setValue(wrapped(record.value()))
                .setHeaders(headers)
                .build();
    }

    private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
}
