package dev.sluice.contract.serde;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** These bytes are not the Avro they claim to be. Reading them again will not help. */
public final class UndecodableException extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    public UndecodableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
