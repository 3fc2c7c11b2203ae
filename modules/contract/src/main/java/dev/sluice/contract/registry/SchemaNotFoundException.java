package dev.sluice.contract.registry;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry does not know the schema, subject or version. A replica that lags behind says the
 * same, so a reader tries again a few times before it believes it.
 */
public final class SchemaNotFoundException extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean sure;

    /**
     * @param sure whether the answer had an error code of a registry's: without one it may be that
     *     of a proxy, or of a registry that gives none
     */
    public SchemaNotFoundException(String message, boolean sure) {
        super(message);
        this.sure = sure;
    }

    /** Whether it was a registry that said so. */
    public boolean isSure() {
        return sure;
    }
}
