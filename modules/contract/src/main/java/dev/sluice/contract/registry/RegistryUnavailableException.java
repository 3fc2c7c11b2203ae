package dev.sluice.contract.registry;

import java.io.Serial;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** The registry gave no usable answer within its retries. The same call may succeed later. */
public final class RegistryUnavailableException extends RetriableException {
    @Serial private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
