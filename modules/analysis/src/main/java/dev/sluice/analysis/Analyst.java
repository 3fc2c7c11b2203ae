package dev.sluice.analysis;

import dev.sluice.analysis.Analysis.Analysed;
import dev.sluice.analysis.call.Call.Purpose;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.compute.Computed;
import dev.sluice.analysis.compute.Computed.Done;
import dev.sluice.analysis.compute.Computed.Stopped;
import dev.sluice.analysis.compute.CutOffException;
import dev.sluice.analysis.compute.Step;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.GuardedModel.Declined;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply.Answered;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.recording.MissingRecordingException;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.analysis.verdict.Verdict.Invalid;
import dev.sluice.analysis.verdict.Verdict.Unfinished;
import dev.sluice.analysis.verdict.Verdict.Valid;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Runs one analysis: it prepares the input, writes the prompt, makes a guarded call, judges the
 * answer, and makes repair calls that show the model its violations. The result is a valid output
 * or a failure. Safe for use by many threads; each call of {@link #analyse} blocks until its result
 * is known.
 */
public final class Analyst {
    private final AnalysisDefinition definition;
    private final InputPreparer inputs;
    private final PromptWriter prompts;
    private final GuardedModel model;
    private final Judge judge;
    private final ComputePool pool;

    /**
     * @param pool runs the CPU-bound steps
     */
    public Analyst(AnalysisDefinition definition, GuardedModel model, ComputePool pool) {
        this.definition = definition;
        TokenCounter tokens = TokenCounter.of(model.traits());
        this.inputs = new InputPreparer(definition.input(), tokens);
        this.prompts = new PromptWriter(definition, tokens);
        this.model = model;
        this.judge = new Judge(definition.output());
        this.pool = pool;
    }

    /** Prepared content and the conversation about it. */
    private record Question(PreparedInput input, List<Message> conversation) {}

    /**
     * The conversation of the first call for this content; empty if preparing it takes too long.
     */
    public List<Message> prompt(String content) throws InterruptedException {
        return switch (prepared(Priority.INTERACTIVE, content)) {
            case Done(var question) -> question.conversation();
            case Stopped(var _) -> List.of();
        };
    }

    /**
     * Analyses one task.
     *
     * @throws InterruptedException if the task is cancelled; the calls made so far are then not
     *     returned
     */
    public Analysis analyse(AnalysisTask task) throws InterruptedException {
        JobRecord job = new JobRecord(task);
        try {
            return switch (prepared(task.priority(), task.content())) {
                case Done(var question) -> analyse(question, task.priority(), job);
                case Stopped(var reason) -> job.failed(new Failure.InputCutOff(reason));
            };
        } catch (CutOffException e) {
            // Work on the job's own thread notices the cancellation this way.
            throw new InterruptedException("cancelled");
        } catch (MissingRecordingException e) {
            return job.failed(new Failure.RetriesExhausted(String.valueOf(e.getMessage())));
        } catch (RuntimeException | StackOverflowError e) {
            return job.failedByBug(e);
        }
    }

    /**
     * Judges answers to a task that were given before. Makes no call, so the task's deadline and
     * cap do not matter.
     *
     * @param answers at least one, the oldest first
     * @return an analysis without calls
     * @throws InterruptedException if the task is cancelled
     */
    public Analysis rejudge(AnalysisTask task, List<String> answers) throws InterruptedException {
        JobRecord job = new JobRecord(task);
        answers.forEach(job::answered);
        try {
            return switch (prepared(task.priority(), task.content())) {
                case Done(var question) ->
                        switch (judgedAgain(task.priority(), answers, question.input())) {
                            case Valid(var output) ->
                                    new Analysed(output, question.input(), List.of());
                            case Unfinished(var failure) -> job.failed(failure);
                            case Invalid(var violations) ->
                                    job.failed(new Failure.InvalidOutput(violations));
                        };
                case Stopped(var reason) -> job.failed(new Failure.InputCutOff(reason));
            };
        } catch (CutOffException e) {
            throw new InterruptedException("cancelled");
        } catch (RuntimeException | StackOverflowError e) {
            return job.failedByBug(e);
        }
    }

    private Computed<Question> prepared(Priority priority, String content)
            throws InterruptedException {
        return pool.run(
                priority,
                Step.PREPARE,
                content.length(),
                () -> {
                    PreparedInput input = inputs.prepare(content);
                    return new Question(input, prompts.ask(input));
                });
    }

    private Verdict judged(Priority priority, Answered answer, PreparedInput input)
            throws InterruptedException {
        return judged(priority, answer.text().length(), () -> judge.judge(answer, input));
    }

    private Verdict judgedAgain(Priority priority, List<String> answers, PreparedInput input)
            throws InterruptedException {
        int characters = answers.stream().mapToInt(String::length).sum();
        return judged(priority, characters, () -> judge.judgeAgain(answers, input));
    }

    private Verdict judged(Priority priority, int characters, Callable<Verdict> judgement)
            throws InterruptedException {
        return switch (pool.run(priority, Step.JUDGE, characters, judgement)) {
            case Done(var verdict) -> verdict;
            case Stopped(var reason) -> new Invalid(List.of(new Violation("", "time", reason)));
        };
    }

    private Analysis analyse(Question question, Priority priority, JobRecord job)
            throws InterruptedException {
        PreparedInput input = question.input();
        List<Message> conversation = question.conversation();
        Purpose purpose = Purpose.ANALYSIS;
        for (int repairs = 0; ; repairs++, purpose = Purpose.REPAIR) {
            switch (model.ask(prompts.request(conversation), purpose, job.budget())) {
                case GaveUp(var failure) -> {
                    return job.failed(failure);
                }
                case Declined(var refused) -> {
                    return job.answered(refused.refusal())
                            .failed(new Failure.RefusedByModel("the model refused to answer"));
                }
                case Replied(var answer) -> {
                    job.answered(answer.text());
                    switch (judged(priority, answer, input)) {
                        case Valid(var output) -> {
                            return new Analysed(output, input, job.budget().calls());
                        }
                        case Unfinished(var failure) -> {
                            return job.failed(failure);
                        }
                        case Invalid(var violations) -> {
                            if (repairs >= definition.output().repairAttempts()) {
                                return job.failed(new Failure.InvalidOutput(violations));
                            }
                            conversation = prompts.repair(conversation, answer.text(), violations);
                        }
                    }
                }
            }
        }
    }
}
