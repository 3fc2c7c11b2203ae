package dev.sluice.evals.run;

import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.cases.EvalCase;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What came out when a model was given a case.
 *
 * @param slot which of the runs that were asked for this is
 * @param validity how the output became valid, or why there is none
 * @param differences from what the case expects; of an invalid output, its violations
 * @param output empty if there is no valid one
 * @param answers the model's answers, if there is no valid output
 * @param calls number of calls, repairs included
 * @param costUsd of confirmed calls
 * @param unconfirmedUsd the most that calls with an unknown end can have cost
 * @param seconds that the calls took, without waits for limits; NaN if it is not known
 */
public record CaseRun(
        Slot slot,
        Validity validity,
        String failure,
        List<Violation> differences,
        Optional<ObjectNode> output,
        List<String> answers,
        int calls,
        BigDecimal costUsd,
        BigDecimal unconfirmedUsd,
        long inputTokens,
        long outputTokens,
        double seconds,
        Instant endedAt) {

    /**
     * One run of a case: which case, which version, which model, which repeat.
     *
     * @param hash of the case
     * @param repeat from 1
     */
    public record Slot(String id, String hash, String fingerprint, String model, int repeat) {
        static Slot of(EvalCase one, EvalTarget target, int repeat) {
            return new Slot(one.id(), one.hash(), target.fingerprint(), target.label(), repeat);
        }
    }

    /** How an output became valid. */
    public enum Validity {
        FIRST_TRY,
        REPAIRED,
        /** There is no valid output: the model's fault. */
        INVALID,
        /** There is no valid output, and the model cannot be blamed: it was not reached. */
        NOT_JUDGED
    }

    public CaseRun {
        differences = List.copyOf(differences);
        answers = List.copyOf(answers);
    }

    /** Whether the output is valid and as expected. */
    public boolean isPassed() {
        return output.isPresent() && differences.isEmpty();
    }

    /** Whether it says something about the model. */
    public boolean isJudged() {
        return validity != Validity.NOT_JUDGED;
    }

    /**
     * What the output has at a place.
     *
     * @param path a JSON Pointer; empty for the whole output
     * @return empty for the whole output, without an output, or if it has nothing there
     */
    public Optional<String> came(String path) {
        return output.filter(_ -> !path.isEmpty())
                .map(tree -> tree.at(path))
                .filter(found -> !found.isMissingNode())
                .map(JsonNode::toString);
    }
}
