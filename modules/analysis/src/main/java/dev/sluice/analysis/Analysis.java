package dev.sluice.analysis;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.input.PreparedInput;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What came of an analysis, with every call that was made for it. */
public sealed interface Analysis {
    /** All calls, in their order. */
    List<Call> calls();

    /** A valid output. */
    record Analysed(ObjectNode output, PreparedInput input, List<Call> calls) implements Analysis {
        public Analysed {
            calls = List.copyOf(calls);
        }
    }

    /**
     * No valid output.
     *
     * @param answers the model's answers as they came
     */
    record Failed(Failure failure, List<String> answers, List<Call> calls) implements Analysis {
        public Failed {
            answers = List.copyOf(answers);
            calls = List.copyOf(calls);
        }
    }
}
