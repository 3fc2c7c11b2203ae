package dev.sluice.analysis.check;

import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime.Program;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Compiled CEL expression that must be true of every answer. Safe for use by many threads. */
public final class Check {
    private final String expression;
    private final String message;
    private final String path;
    private final CelType outputType;
    private final Program program;

    Check(String expression, String message, String path, CelType outputType, Program program) {
        this.expression = expression;
        this.message = message;
        this.path = path;
        this.outputType = outputType;
        this.program = program;
    }

    /**
     * The violation of an output that satisfies its schema; empty if the check passes. A check that
     * cannot be evaluated, for example because a field is absent, fails.
     */
    public Optional<Violation> violation(ObjectNode output, PreparedInput input) {
        try {
            Object value =
                    program.eval(
                            Map.of(
                                    "output",
                                    CelValues.of(output, outputType),
                                    "input",
                                    values(input)));
            return Boolean.TRUE.equals(value)
                    ? Optional.empty()
                    : Optional.of(new Violation(path, "check", message));
        } catch (CelEvaluationException e) {
            return Optional.of(
                    new Violation(
                            path,
                            "check",
                            message
                                    + " ("
                                    + expression
                                    + " cannot be evaluated: "
                                    + e.getErrorCode()
                                    + ")"));
        }
    }

    private static Map<String, Object> values(PreparedInput input) {
        return Map.of(
                "text",
                input.text(),
                "characters",
                (long) input.keptCharacters(),
                "original_characters",
                (long) input.originalCharacters(),
                "truncated",
                input.truncated());
    }

    @Override
    public String toString() {
        return expression;
    }
}
