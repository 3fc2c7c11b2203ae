package dev.sluice.app.operate;

import dev.sluice.app.letters.LetterFilter;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.TopicRange;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which dead letters an operation is about.
 *
 * @param since the first time at which they were written
 * @param ends for each partition the first offset that is too late; empty for now
 * @param reasons empty for all
 */
public record LetterQuery(
        Instant since,
        Map<Integer, Long> ends,
        Set<Reason> reasons,
        Optional<String> analysis,
        Optional<String> user,
        Optional<String> request) {
    public LetterQuery {
        ends = Map.copyOf(ends);
        reasons = Set.copyOf(reasons);
    }

    /** The same, but not what comes later than that. */
    LetterQuery upTo(Map<Integer, Long> newEnds) {
        return new LetterQuery(since, newEnds, reasons, analysis, user, request);
    }

    LetterFilter filter() {
        return new LetterFilter(
                new TopicRange(since, Optional.empty(), ends),
                reasons,
                Set.of(),
                request,
                user,
                analysis,
                Optional.empty(),
                Optional.empty());
    }
}
