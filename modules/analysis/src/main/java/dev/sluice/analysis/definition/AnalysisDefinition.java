package dev.sluice.analysis.definition;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.input.InputLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Definition of one analysis, read from its folder.
 *
 * @param name name of the analysis, also part of topic names
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
     * The four configured parts of the prompt; the format of the answer comes from the schema.
     *
     * @param onInsufficientInput how to answer when the content does not suffice for the task
     */
    public record Instructions(
            String role, String task, List<String> constraints, String onInsufficientInput) {
        public Instructions {
            constraints = List.copyOf(constraints);
        }
    }

    /** The model and its fallbacks, in order of preference. */
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
     * Requirements of the answer.
     *
     * @param checks conditions besides the schema
     * @param maxTokens most output tokens of one call
     * @param repairAttempts most calls that show the model its violations
     * @param cache time for which a result is reused for identical content
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

    /** The same analysis with one model and no fallbacks. */
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
