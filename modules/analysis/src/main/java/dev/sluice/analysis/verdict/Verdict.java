package dev.sluice.analysis.verdict;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Whether an answer may be published. */
public sealed interface Verdict {
    /** The answer is JSON, satisfies the whole schema and passes every check. */
    record Valid(ObjectNode output) implements Verdict {}

    /** It is not, and why; the model may mend it. There is at least one violation. */
    record Invalid(List<Violation> violations) implements Verdict {
        public Invalid {
            violations = List.copyOf(violations);
            if (violations.isEmpty()) {
                throw new IllegalArgumentException("an invalid answer has violations");
            }
        }
    }

    /** The model did not finish it, and asking again would end the same. */
    record Unfinished(Failure failure) implements Verdict {}
}
