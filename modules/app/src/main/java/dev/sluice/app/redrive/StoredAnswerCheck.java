package dev.sluice.app.redrive;

import dev.sluice.admission.validate.ValidRequest;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.compute.Computed;
import dev.sluice.analysis.compute.Step;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.task.Priority;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.contract.DeadLetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.errors.InterruptException;

/** Whether the answers of dead letters are valid today. Not for use by several threads. */
final class StoredAnswerCheck implements AutoCloseable {
    private final Map<String, List<String>> modelIds;
    private final Map<String, Rules> rules = new HashMap<>();
    private final ComputePool pool;

    /** What one analysis prepares and judges with. */
    private record Rules(InputPreparer inputs, Judge judge) {}

    /**
     * @param modelIds the provider's model ids of each model's deployments
     * @param limits time limit of one content or answer
     */
    StoredAnswerCheck(Map<String, List<String>> modelIds, ComputeLimits limits) {
        this.modelIds = modelIds;
        this.pool = ComputePool.start(limits, ComputeObserver.NONE);
    }

    /**
     * Whether one of the answers, of which there is at least one, is valid under the analysis's
     * schema and checks of today. What takes too long, or fails, is not.
     */
    boolean accepts(ValidRequest request, DeadLetter letter) {
        List<String> answers = letter.getRawAnswers().stream().map(CharSequence::toString).toList();
        Rules own = rules.computeIfAbsent(request.definition().fingerprint(), _ -> of(request));
        String content = request.request().getContent().toString();
        try {
            return pool.run(
                            Priority.INTERACTIVE,
                            Step.JUDGE,
                            content.length(),
                            () -> own.judge().judgeAgain(answers, own.inputs().prepare(content)))
                    instanceof Computed.Done(Verdict.Valid _);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (RuntimeException | StackOverflowError e) {
            // The worker, which finds the same, would end the job in a dead letter.
            return false;
        }
    }

    private Rules of(ValidRequest request) {
        AnalysisDefinition definition = request.definition();
        TokenCounter tokens =
                TokenCounter.ofIds(
                        Objects.requireNonNull(modelIds.get(definition.models().model())));
        return new Rules(
                new InputPreparer(definition.input(), tokens), new Judge(definition.output()));
    }

    @Override
    public void close() {
        pool.close();
    }
}
