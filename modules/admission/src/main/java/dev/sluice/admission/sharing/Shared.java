package dev.sluice.admission.sharing;

import dev.sluice.contract.Priority;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;

/** The state of an outcome that identical requests share. */
public sealed interface Shared {
    /**
     * A job is running; identical requests may wait for its outcome.
     *
     * @param reservationId id of the job's reservation
     * @param priority priority of the job
     * @param life time for which its result is shared
     */
    record Leading(String reservationId, Priority priority, Duration life) implements Shared {
        /**
         * Whether a request may wait for this job: an interactive request does not wait for a bulk
         * job.
         */
        public boolean serves(Priority wanted) {
            return priority == Priority.INTERACTIVE || wanted == Priority.BULK;
        }
    }

    /**
     * The outcome is stored.
     *
     * @param isResult false for a dead letter, which only requests that already wait get
     * @param until time until which it is shared
     * @param value value of the published record
     */
    record Answered(boolean isResult, Instant until, Bytes value) implements Shared {}
}
