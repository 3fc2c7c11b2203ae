package dev.sluice.evals.result;

import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.CaseRun.Validity;
import dev.sluice.evals.stats.PassAll;
import dev.sluice.evals.stats.PassRate;
import dev.sluice.evals.stats.Tally;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a version of an analysis did with its cases, answered by one model.
 *
 * @param results one for each case, in the order of their ids
 */
public record TargetResult(String fingerprint, String model, List<CaseResult> results) {
    private static final int SCALE = 9;

    public TargetResult {
        results = List.copyOf(results);
    }

    /** The result of a target's runs. */
    public static TargetResult of(
            String fingerprint, String model, List<EvalCase> cases, Collection<CaseRun> runs) {
        Map<String, List<CaseRun>> byCase =
                runs.stream()
                        .filter(run -> run.slot().fingerprint().equals(fingerprint))
                        .filter(run -> run.slot().model().equals(model))
                        .sorted(Comparator.comparingInt(run -> run.slot().repeat()))
                        .collect(Collectors.groupingBy(run -> run.slot().id()));
        return new TargetResult(
                fingerprint,
                model,
                cases.stream()
                        .map(one -> new CaseResult(one, byCase.getOrDefault(one.id(), List.of())))
                        .toList());
    }

    private List<CaseRun> judged() {
        return results.stream()
                .flatMap(result -> result.runs().stream())
                .filter(CaseRun::isJudged)
                .toList();
    }

    private static List<Tally> tallies(Collection<CaseResult> results) {
        return results.stream().map(CaseResult::tally).flatMap(Optional::stream).toList();
    }

    private static Optional<PassRate> rate(Collection<CaseResult> results) {
        List<Tally> tallies = tallies(results);
        return tallies.isEmpty() ? Optional.empty() : Optional.of(PassRate.of(tallies));
    }

    /** The pass rate of all cases; empty if no run says anything. */
    public Optional<PassRate> passRate() {
        return rate(results);
    }

    /** The pass rate of the cases with each tag. */
    public Map<String, PassRate> byTag() {
        Map<String, List<CaseResult>> tagged = new TreeMap<>();
        results.forEach(result ->
                result.asked()
                        .tags()
                        .forEach(tag ->
                                tagged.computeIfAbsent(tag, _ -> new ArrayList<>()).add(result)));
        Map<String, PassRate> rates = new TreeMap<>();
        tagged.forEach((tag, cases) -> rate(cases).ifPresent(rate -> rates.put(tag, rate)));
        return rates;
    }

    /** The smallest number of repeats of a case that say something; 0 if there are none. */
    public int repeats() {
        return tallies(results).stream().mapToInt(Tally::repeats).min().orElse(0);
    }

    /** The probability that all repeats of a case pass, as many as {@link #repeats}. */
    public OptionalDouble passAll() {
        return repeats() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(PassAll.of(tallies(results), repeats()));
    }

    /** The share of runs whose first answer was valid. */
    public OptionalDouble firstTry() {
        return share(Validity.FIRST_TRY);
    }

    /** The share of runs that became valid by a repair. */
    public OptionalDouble repaired() {
        return share(Validity.REPAIRED);
    }

    private OptionalDouble share(Validity validity) {
        return judged().stream().mapToDouble(run -> run.validity() == validity ? 1 : 0).average();
    }

    /** Number of runs that say nothing of the model, because it was not reached in time. */
    public long notJudged() {
        return results.stream().flatMap(result -> result.runs().stream()).count() - judged().size();
    }

    /** What all runs cost, and may have cost, in USD. */
    public BigDecimal costUsd() {
        return results.stream()
                .flatMap(result -> result.runs().stream())
                .map(run -> run.costUsd().add(run.unconfirmedUsd()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** What all runs cost for each valid output, in USD; empty without a valid one. */
    public Optional<BigDecimal> costPerValidUsd() {
        long valid = judged().stream().filter(run -> run.output().isPresent()).count();
        return valid == 0
                ? Optional.empty()
                : Optional.of(
                        costUsd().divide(BigDecimal.valueOf(valid), SCALE, RoundingMode.HALF_UP));
    }

    public long inputTokens() {
        return judged().stream().mapToLong(CaseRun::inputTokens).sum();
    }

    public long outputTokens() {
        return judged().stream().mapToLong(CaseRun::outputTokens).sum();
    }

    /**
     * The time in seconds within which a part of the runs had their outcome; empty if it is not
     * known.
     *
     * @param part from 0 to 1, such as 0.95
     */
    public OptionalDouble seconds(double part) {
        double[] sorted =
                judged().stream()
                        .mapToDouble(CaseRun::seconds)
                        .filter(time -> !Double.isNaN(time))
                        .sorted()
                        .toArray();
        return sorted.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(sorted[(int) Math.ceil(part * sorted.length) - 1]);
    }
}
