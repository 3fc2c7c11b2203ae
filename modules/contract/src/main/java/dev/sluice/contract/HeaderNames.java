package dev.sluice.contract;

import org.jspecify.annotations.NullMarked;

/** Names of the Kafka record headers that Sluice reads or writes. */
@NullMarked
public final class HeaderNames {
    /** Number of times the request was redriven, as decimal text; absent means 0. */
    public static final String GENERATION = "sluice-generation";

    /**
     * On a request: the place of its dead letter, as {@code partition@offset}. The answers in the
     * dead letter are judged again, and no call is made.
     */
    public static final String REJUDGE = "sluice-rejudge";

    /**
     * On a record of budgets without a value: it erases an addition, and changes nobody's limits.
     */
    public static final String ERASED = "sluice-erased";

    /** Name of the {@link Reason} of a dead letter. */
    public static final String REASON = "sluice-reason";

    // The names that Spring Kafka's dead-letter publisher writes and that existing tools read.
    public static final String DLT_ORIGINAL_TOPIC = "kafka_dlt-original-topic";
    public static final String DLT_ORIGINAL_PARTITION = "kafka_dlt-original-partition";
    public static final String DLT_ORIGINAL_OFFSET = "kafka_dlt-original-offset";
    public static final String DLT_ORIGINAL_TIMESTAMP = "kafka_dlt-original-timestamp";
    public static final String DLT_EXCEPTION_MESSAGE = "kafka_dlt-exception-message";

    private HeaderNames() {}
}
