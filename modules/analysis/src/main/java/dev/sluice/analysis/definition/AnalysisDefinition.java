package dev.sluice.analysis.definition;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.input.InputLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

        /** The model and its fallbacks. */
        public List<String> all() {
            return Stream.concat(Stream.of(model), fallbacks.stream()).toList();
        }
    }

    /**
     * What is asked of the answer.
     *
     * @param checks what must be true besides the schema
     * @param maxTokens output tokens of one call
     * @param repairAttempts calls that show the model its violations
     * @param cache how long a result may answer for identical content
     */
    public record OutputRules(
            OutputSchema schema,
            List<Check> checks,
            int maxTokens,
            int repairAttempts,
            Duration cache) {
        public OutputRules {
            checks = List.copyOf(checks);
        }
    }

    /** The same analysis, answered by one model alone. */
    public AnalysisDefinition answeredBy(String model) {
        return new AnalysisDefinition(
                name,
                fingerprint,
                instructions,
                new ModelChoice(model, List.of(), models.temperature()),
                input,
                output);
    }
}
