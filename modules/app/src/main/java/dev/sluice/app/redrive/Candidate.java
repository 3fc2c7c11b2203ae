package dev.sluice.app.redrive;

import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The newest dead letter of a request.
 *
 * @param isMeant whether it is one of those that were asked for
 * @param wasDenied whether admission denied it, so that no call was made and paid
 * @param isShared whether it is the copy of another request's end, so that it made no call
 */
record Candidate(
        RequestIdentity identity,
        DeadLetterPlace place,
        int generation,
        Instant failedAt,
        Reason reason,
        String analysis,
        boolean isMeant,
        boolean wasDenied,
        boolean isShared) {
    static Candidate of(RequestIdentity identity, StoredLetter stored, boolean isMeant) {
        DeadLetter letter = stored.letter();
        boolean isShared = letter.getPaidBy() != null;
        return new Candidate(
                identity,
                stored.place(),
                letter.getGeneration(),
                stored.failedAt(),
                letter.getReason(),
                text(letter.getAnalysis()),
                isMeant,
                letter.getStage() == Stage.ADMISSION && !isShared,
                isShared);
    }

    /** The later one of two dead letters of a request. */
    static Candidate newer(Candidate one, Candidate other) {
        int byGeneration = Integer.compare(one.generation, other.generation);
        if (byGeneration != 0) {
            return byGeneration > 0 ? one : other;
        }
        return one.failedAt.isBefore(other.failedAt) ? other : one;
    }

    /**
     * Whether a result answers it: one of a later generation, or of a later time, because a denied
     * request may be sent again as it was.
     */
    boolean isAnsweredBy(int resultGeneration, Instant completedAt) {
        return resultGeneration > generation || completedAt.isAfter(failedAt);
    }

    static String text(@Nullable CharSequence field) {
        return field == null ? "" : field.toString().intern();
    }
}
