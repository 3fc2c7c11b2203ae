package dev.sluice.app.operate;

import java.io.Serial;

/** An operation that is not carried out. The message names what to do instead. */
public final class OperationRefusedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Why an operation is refused. */
    public enum Kind {
        /** The caller asked for something that cannot be. */
        MISTAKE,
        /** What the operation is about has changed, or is too much. */
        CONFLICT,
        /** Now is not the time; the same can be asked again. */
        BUSY
    }

    public OperationRefusedException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
