package dev.sluice.analysis.definition;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.input.ContentSize;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
     * Bounds of the content.
     *
     * @param maxCharacters code points shown to the model; the rest is cut off
     * @param maxTokens tokens shown to the model, if they are limited too
     * @param maxBytes UTF-8 bytes above which a request is refused
     */
    public record InputLimits(
            InputKind kind, int maxCharacters, OptionalInt maxTokens, long maxBytes) {
        /** A character beyond ASCII has at most so many bytes more than one within. */
        private static final int WIDER = 3;

        /** So much may cleaning add to a text, and reduction to a page; what is more is cut off. */
        private static final long TEXT_ALLOWANCE = 256;

        private static final long HTML_ALLOWANCE = 2_048;

        /**
         * How many UTF-8 bytes of such content are shown to the model at most; the rest is cut off.
         * Pages are built that grow without end when they are reduced, so this is what bounds a
         * call's cost.
         */
        public long maxShownBytes(ContentSize content) {
            long allowance =
                    switch (kind) {
                        case TEXT -> TEXT_ALLOWANCE;
                        case HTML -> Math.min(HTML_ALLOWANCE, TEXT_ALLOWANCE + 2 * content.bytes());
                    };
            long characters = Math.min((long) maxCharacters, content.bytes());
            long wide = Math.min(characters, content.wide());
            return characters + WIDER * wide + allowance;
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
