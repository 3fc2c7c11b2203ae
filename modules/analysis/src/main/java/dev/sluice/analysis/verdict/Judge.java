package dev.sluice.analysis.verdict;

import dev.sluice.analysis.Violation;
import dev.sluice.analysis.definition.OutputSchema;
import java.util.List;

/** Judges answers against one output schema. Safe for use by many threads. */
public final class Judge {
    /** More than this helps neither the model nor a reader. */
    private static final int MAX_VIOLATIONS = 100;

    private final OutputSchema schema;

    public Judge(OutputSchema schema) {
        this.schema = schema;
    }

    public Verdict judge(String answer) {
        return switch (OutputParser.parse(answer)) {
            case OutputParser.Unreadable(var violation) -> new Verdict.Invalid(List.of(violation));
            case OutputParser.Read(var output) -> {
                List<Violation> violations =
                        schema.validator().validate(output).stream()
                                .limit(MAX_VIOLATIONS)
                                .map(error ->
                                        new Violation(
                                                error.getInstanceLocation().toString(),
                                                error.getKeyword(),
                                                error.getMessage()))
                                .toList();
                yield violations.isEmpty()
                        ? new Verdict.Valid(output)
                        : new Verdict.Invalid(violations);
            }
        };
    }
}
