package dev.sluice.evals.cases;

import com.networknt.schema.Schema;
import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a case expects of a valid output: a JSON Schema besides that of the analysis, and checks.
 * Safe for use by many threads.
 */
public final class Expectation {
    /** Expects nothing but that the output is valid. */
    static final Expectation NONE = new Expectation(Optional.empty(), List.of());

    private final Optional<Schema> schema;
    private final List<Check> checks;

    Expectation(Optional<Schema> schema, List<Check> checks) {
        this.schema = schema;
        this.checks = List.copyOf(checks);
    }

    /**
     * How an output differs from the expectation; empty if it is as expected.
     *
     * @param output valid for the analysis
     */
    public List<Violation> differences(ObjectNode output, PreparedInput input) {
        List<Violation> differences = new ArrayList<>();
        schema.ifPresent(expected ->
                expected.validate(output)
                        .forEach(error ->
                                differences.add(
                                        new Violation(
                                                error.getInstanceLocation().toString(),
                                                error.getKeyword(),
                                                error.getMessage()))));
        checks.stream()
                .map(check -> check.violation(output, input))
                .flatMap(Optional::stream)
                .forEach(differences::add);
        return differences;
    }
}
