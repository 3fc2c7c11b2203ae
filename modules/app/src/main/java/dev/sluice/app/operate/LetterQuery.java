package dev.sluice.app.operate;

import dev.sluice.app.letters.LetterFilter;
import dev.sluice.contract.Reason;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which dead letters an operation is about.
 *
 * @param since the first time at which they were written
 * @param until the first time that is too late; empty for now
 * @param reasons empty for all
 */
public record LetterQuery(
        Instant since,
        Optional<Instant> until,
        Set<Reason> reasons,
        Optional<String> analysis,
        Optional<String> user,
        Optional<String> request) {
    public LetterQuery {
        reasons = Set.copyOf(reasons);
    }

    LetterFilter filter() {
        return new LetterFilter(
                since,
                until,
                reasons,
                Set.of(),
                request,
                user,
                analysis,
                Optional.empty(),
                Optional.empty());
    }
}
