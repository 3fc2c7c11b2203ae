package dev.sluice.contract.serde;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** The bytes are not valid Avro in the expected format. Reading them again does not help. */
public final class UndecodableException extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    public UndecodableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
