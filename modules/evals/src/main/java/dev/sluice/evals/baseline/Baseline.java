package dev.sluice.evals.baseline;

import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.stats.Comparison;
import dev.sluice.evals.stats.Comparison.Pair;
import dev.sluice.evals.stats.PassRate;
import dev.sluice.evals.stats.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The accepted results of an analysis, a file beside its cases: for each model how often each case
 * passed, and the history of what was accepted.
 *
 * @param models by the model's name
 * @param history the oldest first
 */
public record Baseline(Map<String, Accepted> models, List<Entry> history) {
    /** The file's name in the folder of cases. */
    public static final String FILE = "baseline.json";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build();

    /**
     * The accepted results of a model.
     *
     * @param fingerprint version of the analysis that had them
     * @param cases by their ids
     */
    public record Accepted(String fingerprint, Instant acceptedAt, Map<String, CaseTally> cases) {
        public Accepted {
            cases = Map.copyOf(cases);
        }
    }

    /**
     * How often a case passed.
     *
     * @param hash of the case: a case that was changed is another one
     */
    public record CaseTally(String hash, int passes, int repeats) {
        Tally tally() {
            return new Tally(passes, repeats);
        }
    }

    /** What was accepted once. */
    public record Entry(
            Instant at,
            String fingerprint,
            String model,
            double rate,
            double low,
            double high,
            int cases,
            int repeats) {}

    /** No results. */
    public static Baseline empty() {
        return new Baseline(Map.of(), List.of());
    }

    public Baseline {
        models = Map.copyOf(models);
        history = List.copyOf(history);
    }

    /**
     * Reads a file; empty if there is none.
     *
     * @throws IOException if it cannot be read, or is no baseline
     */
    public static Optional<Baseline> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), Baseline.class));
        } catch (JacksonException e) {
            throw new IOException(file + " is no baseline: " + e.getOriginalMessage(), e);
        }
    }

    /** Writes the file whole, or not at all. */
    public void write(Path file) throws IOException {
        Path written = file.resolveSibling(FILE + ".new");
        Files.writeString(written, JSON.writeValueAsString(this) + "\n");
        var _ =
                Files.move(
                        written,
                        file,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
    }

    /** What was accepted of a model; empty if nothing was. */
    public Optional<Accepted> of(String model) {
        return Optional.ofNullable(models.get(model));
    }

    /** Whether anything was accepted of a model with which these cases can be compared. */
    public boolean isComparable(String model, List<EvalCase> cases) {
        return of(model)
                .map(accepted ->
                        cases.stream()
                                .anyMatch(one ->
                                        Optional.ofNullable(accepted.cases().get(one.id()))
                                                .filter(tally -> tally.hash().equals(one.hash()))
                                                .isPresent()))
                .orElse(false);
    }

    /** Whether a version of the analysis was accepted of a model itself. */
    public boolean has(String fingerprint) {
        return models.values().stream()
                .anyMatch(accepted -> accepted.fingerprint().equals(fingerprint));
    }

    /**
     * A baseline with the result of a model in place of what was accepted of it.
     *
     * @throws IllegalArgumentException if a case has no run that says anything
     */
    public Baseline with(TargetResult result, Instant now) {
        Map<String, CaseTally> cases = new HashMap<>();
        for (CaseResult one : result.results()) {
            Tally tally =
                    one.tally()
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "the case " + one.asked().id() + " was not judged"));
            cases.put(
                    one.asked().id(),
                    new CaseTally(one.asked().hash(), tally.passes(), tally.repeats()));
        }
        PassRate rate = result.passRate().orElseThrow();
        Map<String, Accepted> with = new HashMap<>(models);
        with.put(result.model(), new Accepted(result.fingerprint(), now, cases));
        List<Entry> longer = new ArrayList<>(history);
        longer.add(
                new Entry(
                        now,
                        result.fingerprint(),
                        result.model(),
                        rate.rate(),
                        rate.low(),
                        rate.high(),
                        rate.cases(),
                        result.repeats()));
        return new Baseline(with, longer);
    }

    /**
     * Compares a result with what was accepted of its model.
     *
     * @return empty if nothing was accepted, or no case is the same
     */
    public Optional<Against> compare(TargetResult result) {
        return of(result.model()).flatMap(accepted -> compared(accepted, result));
    }

    /**
     * A result beside what was accepted.
     *
     * @param cases number of cases that both have
     * @param changed ids of cases that are new, or have changed since
     * @param gone ids of cases that are gone
     */
    public record Against(
            Accepted accepted,
            Comparison comparison,
            int cases,
            List<String> changed,
            List<String> gone) {}

    private static Optional<Against> compared(Accepted accepted, TargetResult result) {
        List<Pair> pairs = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        List<String> gone = new ArrayList<>(new TreeSet<>(accepted.cases().keySet()));
        for (CaseResult one : result.results()) {
            CaseTally before = accepted.cases().get(one.asked().id());
            gone.remove(one.asked().id());
            if (before == null || !before.hash().equals(one.asked().hash())) {
                changed.add(one.asked().id());
            } else {
                one.tally().ifPresent(after -> pairs.add(new Pair(before.tally(), after)));
            }
        }
        return pairs.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Against(accepted, Comparison.of(pairs), pairs.size(), changed, gone));
    }
}
