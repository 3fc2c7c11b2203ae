package dev.sluice.analysis;

import dev.sluice.analysis.Analysis.Analysed;
import dev.sluice.analysis.Analysis.Failed;
import dev.sluice.analysis.Call.Purpose;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.GuardedModel.Declined;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.guard.JobBudget;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.prompt.Message;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict.Invalid;
import dev.sluice.analysis.verdict.Verdict.Valid;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The flow of one analysis: input, prompt, guarded call, verdict, and one repair call that shows
 * the model its violations. What comes out is valid, or says why there is nothing. Safe for use by
 * many threads; each call of {@link #analyse} blocks until its outcome is known.
 */
public final class Analyst {
    private static final Logger log = LoggerFactory.getLogger(Analyst.class);

    private final AnalysisDefinition definition;
    private final GuardedModel model;
    private final PromptWriter prompts;
    private final Judge judge;

    public Analyst(AnalysisDefinition definition, GuardedModel model) {
        this.definition = definition;
        this.model = model;
        this.prompts = new PromptWriter(definition);
        this.judge = new Judge(definition.output().schema());
    }

    /**
     * Analyses one task.
     *
     * @throws InterruptedException if the task is cancelled; calls made so far are lost to the
     *     books
     */
    public Analysis analyse(AnalysisTask task) throws InterruptedException {
        JobBudget budget = new JobBudget(task);
        List<String> answers = new ArrayList<>();
        try {
            return analyse(task, budget, answers);
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("requestId", task.id()).log("job met a bug");
            Failure bug = new Failure.Bug("a bug: " + e.getClass().getSimpleName());
            return failed(bug, answers, budget);
        }
    }

    private Analysis analyse(AnalysisTask task, JobBudget budget, List<String> answers)
            throws InterruptedException {
        PreparedInput input = InputPreparer.prepare(task.content(), definition.input());
        List<Message> conversation = prompts.ask(input);
        for (int repairs = 0; ; repairs++) {
            Purpose purpose = repairs == 0 ? Purpose.ANALYSIS : Purpose.REPAIR;
            switch (model.ask(definition.name(), request(conversation), purpose, budget)) {
                case GaveUp(var failure) -> {
                    return new Failed(failure, answers, budget.calls());
                }
                case Declined(var refused) -> {
                    answers.add(refused.refusal());
                    return failed(
                            new Failure.RefusedByModel("the model declined"), answers, budget);
                }
                case Replied(var answered) -> {
                    answers.add(answered.text());
                    switch (answered.finish()) {
                        case LENGTH -> {
                            return failed(truncated(), answers, budget);
                        }
                        case CONTENT_FILTER -> {
                            return failed(filtered(), answers, budget);
                        }
                        case STOP, OTHER -> {}
                    }
                    switch (judge.judge(answered.text())) {
                        case Valid(var output) -> {
                            return new Analysed(output, input, budget.calls());
                        }
                        case Invalid(var violations) -> {
                            if (repairs >= definition.output().repairAttempts()) {
                                return failed(
                                        new Failure.InvalidOutput(violations), answers, budget);
                            }
                            conversation =
                                    prompts.repair(conversation, answered.text(), violations);
                        }
                    }
                }
            }
        }
    }

    private ModelRequest request(List<Message> conversation) {
        return new ModelRequest(
                conversation,
                definition.name(),
                definition.output().schema().tree(),
                definition.output().maxTokens(),
                definition.models().temperature());
    }

    private static Failed failed(Failure failure, List<String> answers, JobBudget budget) {
        return new Failed(failure, answers, budget.calls());
    }

    private Failure truncated() {
        return new Failure.OutputTruncated(
                "the model stopped at output.max_tokens = " + definition.output().maxTokens());
    }

    private static Failure filtered() {
        return new Failure.RejectedByProvider("the provider's content filter cut the answer off");
    }
}
