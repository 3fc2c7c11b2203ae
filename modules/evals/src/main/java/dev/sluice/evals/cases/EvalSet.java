package dev.sluice.evals.cases;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.analysis.definition.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The cases of an analysis.
 *
 * @param cases in the order of their ids
 */
public record EvalSet(AnalysisDefinition definition, List<EvalCase> cases) {
    private static final String ENDING = ".yaml";
    private static final String OTHER_ENDING = ".yml";

    public EvalSet {
        cases = List.copyOf(cases);
    }

    /**
     * Reads the cases of a folder, each a file that ends with {@code .yaml}.
     *
     * @throws InvalidDefinitionsException with all problems of all cases
     * @throws IOException if the folder cannot be listed
     */
    public static EvalSet read(Path folder, AnalysisDefinition definition) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.sorted(Comparator.comparing(Path::toString)).toList();
        }
        List<Problem> problems = new ArrayList<>();
        CaseReader reader = new CaseReader(definition, problems);
        List<EvalCase> cases = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(ENDING)) {
                reader.read(file, name.substring(0, name.length() - ENDING.length()))
                        .ifPresent(cases::add);
            } else if (name.endsWith(OTHER_ENDING)) {
                problems.add(
                        new Problem(
                                definition.name() + "/evals/" + name, "", "must end with .yaml"));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionsException(problems);
        }
        return new EvalSet(definition, cases);
    }
}
