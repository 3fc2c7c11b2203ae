package dev.sluice.analysis.definition;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One analysis, as its folder describes it.
 *
 * @param name also part of topic names
 * @param fingerprint short hash of definition and schema: the analysis's version
 */
public record AnalysisDefinition(
        String name,
        String fingerprint,
        Instructions instructions,
        ModelChoice models,
        InputLimits input,
        OutputRules output) {

    /**
     * The four parts of the prompt; its exact format comes from the schema.
     *
     * @param onInsufficientInput what to answer when the content does not allow the task
     */
    public record Instructions(
            String role, String task, List<String> constraints, String onInsufficientInput) {
        public Instructions {
            constraints = List.copyOf(constraints);
        }
    }

    /** Which models may answer, the first first. */
    public record ModelChoice(String model, List<String> fallbacks, Optional<Double> temperature) {
        public ModelChoice {
            fallbacks = List.copyOf(fallbacks);
        }
    }

    /**
     * Bounds of the content.
     *
     * @param maxCharacters code points shown to the model; the rest is cut off
     * @param maxBytes UTF-8 bytes above which a request is refused
     */
    public record InputLimits(InputKind kind, int maxCharacters, long maxBytes) {}

    /**
     * What is asked of the answer.
     *
     * @param maxTokens output tokens of one call
     * @param repairAttempts calls that show the model its violations
     * @param cache how long a result may answer for identical content
     */
    public record OutputRules(
            OutputSchema schema, int maxTokens, int repairAttempts, Duration cache) {}
}
