package dev.sluice.admission.validate;

import dev.sluice.contract.registry.SchemaNotFoundException;
import java.io.Serial;

/** The registry does not know the schema of a request, or not yet. */
public final class UnknownSchemaException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean sure;

    public UnknownSchemaException(SchemaNotFoundException cause) {
        super(cause.getMessage(), cause);
        this.sure = cause.isSure();
    }

    /** Whether it was a registry that said so, and not perhaps a proxy. */
    public boolean isSure() {
        return sure;
    }
}
