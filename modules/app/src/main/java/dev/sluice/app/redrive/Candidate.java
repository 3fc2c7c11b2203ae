package dev.sluice.app.redrive;

import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.letters.ShortText;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The newest dead letter of a request.
 *
 * @param isMeant whether it is one of those that were asked for
 * @param hasAnswers whether it has invalid answers, which can be judged again
 * @param wasFree whether it made and paid no call, because admission denied it, or it judged
 *     earlier answers
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
        boolean hasAnswers,
        boolean wasFree,
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
                letter.getReason() == Reason.INVALID_OUTPUT
                        && letter.getRawAnswers().stream()
                                .anyMatch(answer -> !DeadLetterContent.isHash(answer)),
                wasFree(letter) && !isShared,
                isShared);
    }

    private static boolean wasFree(DeadLetter letter) {
        boolean wasRejudged =
                letter.getOriginal() instanceof SourceRecord original
                        && DeadLetterPlace.isIn(original);
        return letter.getStage() == Stage.ADMISSION || (wasRejudged && letter.getCalls() == 0);
    }

    /**
     * The answers of this dead letter, as a candidate of its request, whose newest dead letter is
     * another one.
     */
    Candidate withNewest(Candidate newest) {
        return new Candidate(
                identity,
                place,
                newest.generation,
                newest.failedAt,
                reason,
                analysis,
                isMeant,
                hasAnswers,
                wasFree,
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

    /** Few different ones are kept, each once. */
    static String text(@Nullable CharSequence field) {
        return field == null ? "" : ShortText.of(field.toString()).intern();
    }
}
