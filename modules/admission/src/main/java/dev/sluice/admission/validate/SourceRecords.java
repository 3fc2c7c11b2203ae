package dev.sluice.admission.validate;

import dev.sluice.contract.SourceRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of source records, for the state store and for forwarding to the owner partition.
 */
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

    /** Decodes a record that another task forwarded; empty if the bytes are not a valid record. */
    public static Optional<SourceRecord> repartitioned(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(SourceRecord.getDecoder().decode(bytes));
        } catch (IOException | RuntimeException e) {
            // Every failure comes from these bytes; one record must not stop admission.
            return Optional.empty();
        }
    }

    /** Decodes a record from the state store. */
    public static SourceRecord decoded(ByteBuffer bytes) {
        try {
            return SourceRecord.getDecoder().decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "a record in admission's state store cannot be decoded", e);
        }
    }
}
