package dev.sluice.analysis.verdict;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Whether an answer may be published. */
public sealed interface Verdict {
    /** The answer is JSON, satisfies the whole schema and passes every check. */
    record Valid(ObjectNode output) implements Verdict {}

    /** The answer is invalid, with at least one violation; the model may repair it. */
    record Invalid(List<Violation> violations) implements Verdict {
        public Invalid {
            violations = List.copyOf(violations);
            if (violations.isEmpty()) {
                throw new IllegalArgumentException("an invalid answer has violations");
            }
        }
    }

    /** The model did not finish the answer, and a retry would end the same. */
    record Unfinished(Failure failure) implements Verdict {}
}
