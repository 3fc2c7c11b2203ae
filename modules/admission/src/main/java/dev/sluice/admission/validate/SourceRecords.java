package dev.sluice.admission.validate;

import dev.sluice.contract.SourceRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records as bytes, in the state store and on the way to the task that keeps the user's books. */
public final class SourceRecords {
    private SourceRecords() {}

    public static ByteBuffer encoded(SourceRecord source) {
        try {
            return SourceRecord.getEncoder().encode(source);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a record in memory", e);
        }
    }

    public static byte[] bytes(SourceRecord source) {
        ByteBuffer encoded = encoded(source);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** A record that another task has repartitioned; empty if these bytes are none. */
    public static Optional<SourceRecord> repartitioned(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(SourceRecord.getDecoder().decode(bytes));
        } catch (IOException | RuntimeException e) {
            // Whatever decoding meets, it met it in these bytes: one record must not stop all.
            return Optional.empty();
        }
    }

    /** A record that is in the state store. */
    public static SourceRecord decoded(ByteBuffer bytes) {
        try {
            return SourceRecord.getDecoder().decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("what admission wrote is no record", e);
        }
    }
}
