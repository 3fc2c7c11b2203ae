package dev.sluice.app.redrive;

import dev.sluice.admission.validate.ValidRequest;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.contract.DeadLetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whether the answers of dead letters are valid today. Not for use by several threads. */
final class StoredAnswerCheck {
    private final Map<String, List<String>> modelIds;
    private final Map<String, Rules> rules = new HashMap<>();

    /** What one analysis prepares and judges with. */
    private record Rules(InputPreparer inputs, Judge judge) {}

    /**
     * @param modelIds the provider's model ids of each model's deployments
     */
    StoredAnswerCheck(Map<String, List<String>> modelIds) {
        this.modelIds = modelIds;
    }

    /**
     * Whether one of the answers, of which there is at least one, is valid under the analysis's
     * schema and checks of today.
     */
    boolean accepts(ValidRequest request, DeadLetter letter) {
        List<String> answers = letter.getRawAnswers().stream().map(CharSequence::toString).toList();
        Rules own = rules.computeIfAbsent(request.definition().name(), _ -> of(request));
        String content = request.request().getContent().toString();
        return own.judge().judgeAgain(answers, own.inputs().prepare(content))
                instanceof Verdict.Valid;
    }

    private Rules of(ValidRequest request) {
        AnalysisDefinition definition = request.definition();
        TokenCounter tokens =
                TokenCounter.ofIds(
                        Objects.requireNonNull(modelIds.get(definition.models().model())));
        return new Rules(
                new InputPreparer(definition.input(), tokens), new Judge(definition.output()));
    }
}
