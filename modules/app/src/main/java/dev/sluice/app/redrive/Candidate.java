package dev.sluice.app.redrive;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest dead letter of a request.
 *
 * @param isMeant whether it is one of those that were asked for
 * @param offset where it is stored in its partition
 */
record Candidate(
        Identity identity,
        boolean isMeant,
        int partition,
        long offset,
        int generation,
        Instant failedAt,
        Reason reason,
        String analysis) {
    /** Who asked for what; the same in all generations. */
    record Identity(String user, String requestId) {
        /** The identity of a dead letter; empty if its record could not be read. */
        static Optional<Identity> of(DeadLetter letter) {
            return letter.getUserId() == null || letter.getRequestId() == null
                    ? Optional.empty()
                    : Optional.of(
                            new Identity(
                                    letter.getUserId().toString(),
                                    letter.getRequestId().toString()));
        }
    }

    /** The later one of two dead letters of a request. */
    static Candidate newer(Candidate one, Candidate other) {
        int byGeneration = Integer.compare(one.generation, other.generation);
        if (byGeneration != 0) {
            return byGeneration > 0 ? one : other;
        }
        return one.failedAt.isBefore(other.failedAt) ? other : one;
    }

    static String text(@Nullable CharSequence field) {
        return field == null ? "" : field.toString();
    }
}
