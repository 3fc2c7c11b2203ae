package dev.sluice.app.redrive;

import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The newest dead letter of each request. */
final class RedriveIndex {
    private final LetterFilter filter;
    private final Function<DeadLetter, Optional<RequestIdentity>> reader;
    private final boolean isForAnswers;
    private final Map<RequestIdentity, Candidate> newest = new HashMap<>();

    /** The newest ones with answers, if these are what is looked for. */
    private final Map<RequestIdentity, Candidate> withAnswers = new HashMap<>();

    private final MeanCosts invalidAnswers = new MeanCosts();
    private long meant;
    private long unreadable;

    /**
     * @param reader reads the identity from the request of a dead letter that does not have it
     * @param isForAnswers whether answers are looked for: a request's newest dead letter with
     *     answers counts then, though a later one has none
     */
    RedriveIndex(
            LetterFilter filter,
            Function<DeadLetter, Optional<RequestIdentity>> reader,
            boolean isForAnswers) {
        this.filter = filter;
        this.reader = reader;
        this.isForAnswers = isForAnswers;
    }

    /** Adds a dead letter; all of them must be added, also those that are not meant. */
    void add(StoredLetter stored) {
        DeadLetter letter = stored.letter();
        boolean isMeant =
                filter.means(letter)
                        && filter.range()
                                .has(stored.partition(), stored.offset(), stored.writtenAt());
        // The answers of other dead letters were cut off, or short.
        if (letter.getReason() == Reason.INVALID_OUTPUT) {
            invalidAnswers.add(
                    Candidate.text(letter.getAnalysis()), letter.getCostUsd(), letter.getCalls());
        }
        meant += isMeant ? 1 : 0;
        RequestIdentity.of(letter)
                .or(() -> isMeant ? reader.apply(letter) : Optional.empty())
                // Others are denied for ever, and may be very long.
                .filter(RequestIdentity::isValid)
                .ifPresentOrElse(
                        identity -> add(Candidate.of(identity, stored, isMeant)),
                        () -> unreadable += isMeant ? 1 : 0);
    }

    private void add(Candidate candidate) {
        newest.merge(candidate.identity(), candidate, Candidate::newer);
        if (isForAnswers && candidate.hasAnswers()) {
            withAnswers.merge(candidate.identity(), candidate, Candidate::newer);
        }
    }

    private Candidate chosen(Candidate newestOne) {
        Candidate answered = withAnswers.get(newestOne.identity());
        return answered == null ? newestOne : answered.withNewest(newestOne);
    }

    /** The newest dead letters that were asked for, the oldest of them first. */
    List<Candidate> meant() {
        List<Candidate> meant = new ArrayList<>();
        newest.values().stream().map(this::chosen).filter(Candidate::isMeant).forEach(meant::add);
        meant.sort(
                Comparator.comparing(Candidate::failedAt)
                        .thenComparingInt(candidate -> candidate.place().partition())
                        .thenComparingLong(candidate -> candidate.place().offset()));
        return meant;
    }

    /**
     * Number of dead letters that were asked for and do not count, because their request has a
     * later one.
     */
    long superseded() {
        return meant - unreadable - meant().size();
    }

    /** Number of dead letters that were asked for and have no request that can be read. */
    long unreadable() {
        return unreadable;
    }

    /** What a call of the analysis cost whose answer was invalid, in USD. */
    Optional<BigDecimal> costOfInvalidAnswer(String analysis) {
        return invalidAnswers.of(analysis);
    }
}
