package dev.sluice.evals.report;

import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.stats.Comparison;
import dev.sluice.evals.stats.Comparison.Pair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All that an eval found.
 *
 * @param analysis name of the analysis
 * @param results one for each target; the others are compared with the first
 * @param baseline what was accepted so far
 */
public record EvalReport(
        String analysis, Instant at, List<TargetResult> results, Optional<Baseline> baseline) {
    public EvalReport {
        results = List.copyOf(results);
    }

    /**
     * A target beside the first one.
     *
     * @param repeatsToTell how many repeats would probably tell such a difference
     */
    public record Against(
            TargetResult first,
            TargetResult other,
            Comparison comparison,
            OptionalInt repeatsToTell) {}

    /** Each further target beside the first one, as far as both were judged. */
    public List<Against> comparisons() {
        List<Against> comparisons = new ArrayList<>();
        for (TargetResult other : results.subList(1, results.size())) {
            TargetResult first = results.getFirst();
            List<Pair> pairs = pairs(first, other);
            if (!pairs.isEmpty()) {
                comparisons.add(
                        new Against(
                                first,
                                other,
                                Comparison.of(pairs),
                                Comparison.repeatsToTell(pairs)));
            }
        }
        return comparisons;
    }

    private static List<Pair> pairs(TargetResult first, TargetResult other) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < first.results().size(); i++) {
            CaseResult after = other.results().get(i);
            first.results()
                    .get(i)
                    .tally()
                    .ifPresent(before ->
                            after.tally().ifPresent(tally -> pairs.add(new Pair(before, tally))));
        }
        return pairs;
    }

    /** A target beside what was accepted of its model; empty if nothing was. */
    public Optional<Baseline.Against> againstBaseline(TargetResult result) {
        return baseline.flatMap(accepted -> accepted.compare(result));
    }

    /** How many comparisons with the first target there are, at least 1. */
    public int others() {
        return Math.max(1, results.size() - 1);
    }

    /** Whether a target is worse than its baseline by more than chance. */
    public boolean isWorse() {
        return results.stream()
                .flatMap(result -> againstBaseline(result).stream())
                .anyMatch(against -> against.comparison().isWorse(results.size()));
    }
}
