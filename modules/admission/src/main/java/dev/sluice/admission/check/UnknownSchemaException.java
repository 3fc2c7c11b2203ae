package dev.sluice.admission.check;

import dev.sluice.contract.registry.SchemaNotFoundException;
import java.io.Serial;

/** The registry does not know the schema of a request, or not yet. */
public final class UnknownSchemaException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public UnknownSchemaException(SchemaNotFoundException cause) {
        super(cause.getMessage(), cause);
    }
}
