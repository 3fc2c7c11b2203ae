package dev.sluice.admission.sharing;

import dev.sluice.contract.Priority;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;

/** What is known of the answer to something that was asked. */
public sealed interface Shared {
    /**
     * A job is under way; whoever asks the same may wait for its outcome.
     *
     * @param reservationId the job's
     * @param priority in which it is served
     * @param life how long its result will answer others
     */
    record Leading(String reservationId, Priority priority, Duration life) implements Shared {
        /** Nobody waits behind a slower job than the own would be. */
        public boolean serves(Priority wanted) {
            return priority == Priority.INTERACTIVE || wanted == Priority.BULK;
        }
    }

    /**
     * It is there.
     *
     * @param isResult false for a dead letter, which answers only those who waited for it
     * @param until it answers no longer
     * @param value of the record that was published
     */
    record Answered(boolean isResult, Instant until, Bytes value) implements Shared {}
}
