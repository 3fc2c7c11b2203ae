package dev.sluice.contract.registry;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry does not know the schema, subject or version. A lagging replica gives the same
 * answer, so readers retry a few times before they believe it.
 */
public final class SchemaNotFoundException extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean sure;

    /**
     * An answer that something is unknown.
     *
     * @param sure whether the answer had one of a registry's error codes; without one it may come
     *     from a proxy, or from a registry that sends no codes
     */
    public SchemaNotFoundException(String message, boolean sure) {
        super(message);
        this.sure = sure;
    }

    /** Whether the answer certainly came from a registry. */
    public boolean isSure() {
        return sure;
    }
}
