package dev.sluice.contract.registry;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry does not know the schema, subject or version. A replica that lags behind says the
 * same, so a reader tries again a few times before it believes it.
 */
public final class SchemaNotFoundException extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    public SchemaNotFoundException(String message) {
        super(message);
    }
}
