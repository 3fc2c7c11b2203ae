package dev.sluice.runtime.kafka;

/**
 * Something outside this process that somebody has to mend before it can work: brokers that do not
 * answer, topics that are missing, a disk that is full. The message is whole, names the fix, and is
 * told without a stack trace.
 */
public final class EnvironmentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EnvironmentException(String message) {
        super(message);
    }

    public EnvironmentException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Brokers that were asked and gave no answer, with their address and its key. */
    public static EnvironmentException noBrokers(KafkaConnection connection, Throwable reason) {
        return new EnvironmentException(Dependency.unreachable(connection, reason), reason);
    }
}
