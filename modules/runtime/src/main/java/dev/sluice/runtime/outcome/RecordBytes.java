package dev.sluice.runtime.outcome;

import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.nio.charset.StandardCharsets;

/** Keys and values of records as bytes. Safe for use by many threads. */
final class RecordBytes {
    private final ConfluentAvroSerializer<Object> serializer;

    RecordBytes(ConfluentAvroSerializer<Object> serializer) {
        this.serializer = serializer;
    }

    /** A value of a topic. */
    byte[] value(String topic, Object value) {
        byte[] bytes = serializer.serialize(topic, value);
        if (bytes == null) {
            throw new IllegalStateException("nothing to write to " + topic);
        }
        return bytes;
    }

    /** A key that is an id. */
    static byte[] key(CharSequence id) {
        return id.toString().getBytes(StandardCharsets.UTF_8);
    }
}
