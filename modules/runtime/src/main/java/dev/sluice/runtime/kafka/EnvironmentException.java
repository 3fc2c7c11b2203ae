package dev.sluice.runtime.kafka;

/**
 * An error outside this process that an operator must fix: brokers that do not answer, missing
 * topics, a full disk. The message is complete, names the fix, and is shown without a stack trace.
 */
public final class EnvironmentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EnvironmentException(String message) {
        super(message);
    }

    public EnvironmentException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The error for brokers that did not answer, with their address and its configuration key. */
    public static EnvironmentException noBrokers(KafkaConnection connection, Throwable reason) {
        return new EnvironmentException(Dependency.unreachable(connection, reason), reason);
    }

    /** The error for a topic that does not exist. */
    public static EnvironmentException missingTopic(String topic) {
        return new EnvironmentException(
                "the topic " + topic + " is missing: run sluice topics create");
    }
}
