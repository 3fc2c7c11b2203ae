package dev.sluice.admission;

import dev.sluice.contract.registry.SchemaNotFoundException;
import java.io.Serial;

/** The registry does not know the schema of a request, or not yet. */
final class UnknownSchemaException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    UnknownSchemaException(SchemaNotFoundException cause) {
        super(cause.getMessage(), cause);
    }
}
