package dev.sluice.app.letters;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.TopicRange;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant.
 *
 * @param range when they were written, and where they are stored
 * @param reasons empty for all
 * @param kinds empty for all
 */
public record LetterFilter(
        TopicRange range,
        Set<Reason> reasons,
        Set<DeadLetterKind> kinds,
        Optional<String> requestId,
        Optional<String> userId,
        Optional<String> analysis,
        Optional<String> version,
        Optional<String> model) {
    /** The dead letters since the same time, up to now, whatever they are. */
    public LetterFilter ofAnyKind() {
        return new LetterFilter(
                TopicRange.since(range.since()),
                Set.of(),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public LetterFilter {
        reasons = Set.copyOf(reasons);
        kinds = Set.copyOf(kinds);
    }

    /** Whether a record may be meant, by its key and the reason in its headers. */
    boolean mayMean(@Nullable String key, Optional<Reason> reason) {
        return (requestId.isEmpty() || requestId.get().equals(key))
                && (reasons.isEmpty() || reason.isEmpty() || reasons.contains(reason.get()));
    }

    /**
     * Whether a dead letter is meant; its place is not looked at. One without a requestId has the
     * key of its request's record, so its own key has been compared.
     */
    public boolean means(DeadLetter letter) {
        return (reasons.isEmpty() || reasons.contains(letter.getReason()))
                && (kinds.isEmpty() || kinds.contains(letter.getKind()))
                && (letter.getRequestId() == null || matches(requestId, letter.getRequestId()))
                && matches(userId, letter.getUserId())
                && matches(analysis, letter.getAnalysis())
                && matches(version, letter.getAnalysisVersion())
                && matches(model, letter.getModel());
    }

    /** The first time at which they were written. */
    public Instant since() {
        return range.since();
    }

    private static boolean matches(Optional<String> wanted, @Nullable CharSequence field) {
        return wanted.isEmpty() || (field != null && wanted.get().contentEquals(field));
    }
}
