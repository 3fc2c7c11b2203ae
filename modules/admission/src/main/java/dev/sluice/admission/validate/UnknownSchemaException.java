package dev.sluice.admission.validate;

import dev.sluice.contract.registry.SchemaNotFoundException;
import java.io.Serial;

/** The registry does not know the schema of a record, or a lagging replica does not know it yet. */
public final class UnknownSchemaException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean sure;

    public UnknownSchemaException(SchemaNotFoundException cause) {
        super(cause.getMessage(), cause);
        this.sure = cause.isSure();
    }

    /** Whether the answer came from a registry; false if it may have come from a proxy. */
    public boolean isSure() {
        return sure;
    }
}
