package dev.sluice.contract;

import java.io.Serial;
import org.jspecify.annotations.NullMarked;

/** A request breaks a rule, so admission would deny it. The message names the field. */
@NullMarked
public final class InvalidRequestException extends IllegalArgumentException {
    @Serial private static final long serialVersionUID = 1L;

    private final Reason reason;

    InvalidRequestException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The reason that the request's dead letter would have. */
    public Reason reason() {
        return reason;
    }
}
