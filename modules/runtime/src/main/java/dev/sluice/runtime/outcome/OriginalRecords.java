package dev.sluice.runtime.outcome;

import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Copies of records as they were read, for dead letters. */
public final class OriginalRecords {
    private OriginalRecords() {}

    /**
     * A copy of a record.
     *
     * @param timestamp milliseconds since 1970
     */
    public static SourceRecord of(
            TopicPartition partition,
            long offset,
            long timestamp,
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers) {
        List<RecordHeader> copied = new ArrayList<>();
        for (Header header : headers) {
            copied.add(new RecordHeader(header.key(), wrapped(header.value())));
        }
        return SourceRecord.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setOffset(offset)
                .setTimestamp(Instant.ofEpochMilli(timestamp))
                .setKey(wrapped(key))
                .setValue(wrapped(value))
                .setHeaders(copied)
                .build();
    }

    private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
}
