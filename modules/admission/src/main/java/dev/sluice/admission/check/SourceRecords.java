package dev.sluice.admission.check;

import dev.sluice.contract.SourceRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

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

    public static SourceRecord decoded(ByteBuffer bytes) {
        try {
            return SourceRecord.getDecoder().decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("what admission wrote is no record", e);
        }
    }
}
