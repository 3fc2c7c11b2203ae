package dev.sluice.runtime.result;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.analysis.definition.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;

/** The check that the results of all analyses have an Avro form. */
public final class ResultTypes {
    private ResultTypes() {}

    /**
     * Requires that all output schemas have an Avro form.
     *
     * @throws InvalidDefinitionsException naming every part of every schema that has no Avro form
     */
    public static void require(AnalysisCatalog analyses) {
        List<Problem> problems =
                analyses.versions().stream().flatMap(ResultTypes::problems).toList();
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
        return problems.isEmpty() ? rejectedByAvro(definition, file) : problems.stream();
    }

    /** Problems that Avro itself reports, such as two records with one name. */
    private static Stream<Problem> rejectedByAvro(AnalysisDefinition definition, String file) {
        try {
            var _ = ResultType.of(definition.name(), definition.output().schema().tree());
            return Stream.empty();
        } catch (AvroRuntimeException | IllegalArgumentException e) {
            return Stream.of(new Problem(file, "", "has no Avro form: " + e.getMessage()));
        }
    }
}
