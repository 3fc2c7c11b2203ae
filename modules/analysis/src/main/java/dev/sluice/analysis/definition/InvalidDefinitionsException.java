package dev.sluice.analysis.definition;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/** Reports all problems of all invalid definitions. */
public final class InvalidDefinitionsException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidDefinitionsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
