package dev.sluice.runtime.result;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.analysis.definition.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;

/** Whether the results of analyses can be Avro records. */
public final class ResultTypes {
    private ResultTypes() {}

    /**
     * Requires that all can.
     *
     * @throws InvalidDefinitionsException naming every part of every schema that has no Avro form
     */
    public static void require(AnalysisCatalog analyses) {
        List<Problem> problems = analyses.all().stream().flatMap(ResultTypes::problems).toList();
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionsException(problems);
        }
    }

    private static Stream<Problem> problems(AnalysisDefinition definition) {
        String file = definition.name() + "/output.schema.json";
        List<Problem> problems =
                ResultType.problems(definition.name(), definition.output().schema().tree()).stream()
                        .map(problem -> new Problem(file, problem.path(), problem.message()))
                        .toList();
        return problems.isEmpty() ? refusedByAvro(definition, file) : problems.stream();
    }

    /** What Avro itself objects to, two records of one name say. */
    private static Stream<Problem> refusedByAvro(AnalysisDefinition definition, String file) {
        try {
            var _ = ResultType.of(definition.name(), definition.output().schema().tree());
            return Stream.empty();
        } catch (AvroRuntimeException | IllegalArgumentException e) {
            return Stream.of(new Problem(file, "", "has no Avro form: " + e.getMessage()));
        }
    }
}
