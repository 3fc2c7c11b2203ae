package dev.sluice.analysis;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.input.PreparedInput;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Result of an analysis, with all calls made for it. */
public sealed interface Analysis {
    /** All calls, in order. */
    List<Call> calls();

    /** The analysis has a valid output. */
    record Analysed(ObjectNode output, PreparedInput input, List<Call> calls) implements Analysis {
        public Analysed {
            calls = List.copyOf(calls);
        }
    }

    /**
     * The analysis failed.
     *
     * @param answers the model's answers, unchanged
     */
    record Failed(Failure failure, List<String> answers, List<Call> calls) implements Analysis {
        public Failed {
            answers = List.copyOf(answers);
            calls = List.copyOf(calls);
        }
    }
}
