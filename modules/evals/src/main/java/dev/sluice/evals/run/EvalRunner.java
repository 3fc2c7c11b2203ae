package dev.sluice.evals.run;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.run.CaseRun.Slot;
import dev.sluice.evals.run.CaseRun.Validity;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs cases against targets, several at a time, and adds each run to a log. */
public final class EvalRunner {
    private final List<EvalTarget> targets;
    private final List<EvalCase> cases;
    private final int repeats;
    private final boolean isTimed;
    private final InstantSource clock;

    /** The log is used by one run at a time. */
    private final Mutex logging = new Mutex();

    /** A run that is to be made. */
    private record Task(Slot slot, EvalCase asked, EvalTarget target) {}

    /** Follows an eval; called by the thread of {@link #run}. */
    public interface Listener {
        /** A run has ended. */
        void ended(CaseRun run);

        /** No run has ended for some time. */
        void waiting();
    }

    /** How long no run may end before the listener is told. */
    private static final Duration NOTABLE = Duration.ofMillis(500);

    /**
     * @param repeats how often each case is run against each target
     * @param isTimed whether the time of calls means anything; it does not in a replay
     */
    public EvalRunner(
            List<EvalTarget> targets,
            List<EvalCase> cases,
            int repeats,
            boolean isTimed,
            InstantSource clock) {
        this.targets = List.copyOf(targets);
        this.cases = List.copyOf(cases);
        this.repeats = repeats;
        this.isTimed = isTimed;
        this.clock = clock;
    }

    /** All runs that are asked for: the first repeat of all cases, then the second, and so on. */
    private List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (EvalCase asked : cases) {
                for (EvalTarget target : targets) {
                    tasks.add(new Task(Slot.of(asked, target, repeat), asked, target));
                }
            }
        }
        return tasks;
    }

    private List<Task> missing(RunLog log) {
        return tasks().stream().filter(task -> !log.has(task.slot())).toList();
    }

    /** Number of runs that the log does not have. */
    public int missingRuns(RunLog log) {
        return missing(log).size();
    }

    /** What the missing runs cost if each needs one call and the model writes as much as it may. */
    public Cost oneCallEach(RunLog log) {
        return missing(log).stream()
                .map(task -> task.target().oneCall(task.asked().content()))
                .reduce(Cost.ZERO, Cost::plus);
    }

    /** The most that the missing runs can cost. */
    public Cost capOfAll(RunLog log) {
        return missing(log).stream()
                .map(task -> task.target().cap(task.asked().content()))
                .reduce(Cost.ZERO, Cost::plus);
    }

    /** What the runs that were asked for have cost so far, with those that were made again. */
    public Cost spent(RunLog log) {
        return tasks().stream().map(task -> log.spent(task.slot())).reduce(Cost.ZERO, Cost::plus);
    }

    /** The most that one run can cost. */
    public Cost mostOfOne() {
        return tasks().stream()
                .map(task -> task.target().cap(task.asked().content()))
                .reduce(Cost.ZERO, Cost::max);
    }

    /** The runs that were asked for, as far as the log has them. */
    public List<CaseRun> asked(RunLog log) {
        Set<Slot> slots = tasks().stream().map(Task::slot).collect(Collectors.toSet());
        return log.runs().stream().filter(run -> slots.contains(run.slot())).toList();
    }

    /**
     * Makes the runs that the log does not have.
     *
     * @param parallel how many at a time
     * @param limit the most that all runs that were asked for may cost together, those of the log
     *     among them; runs are left out beyond it
     * @return number of runs that were left out
     * @throws IOException if the log cannot be written
     */
    public int run(RunLog log, int parallel, Optional<Cost> limit, Listener listener)
            throws IOException, InterruptedException {
        List<Task> tasks = missing(log);
        SpendLimit money = new SpendLimit(limit, spent(log));
        int leftOut = 0;
        ExecutorService threads =
                Executors.newFixedThreadPool(parallel, Thread.ofVirtual().factory());
        try {
            CompletionService<Optional<CaseRun>> ending = new ExecutorCompletionService<>(threads);
            tasks.forEach(task -> ending.submit(() -> made(task, money, log)));
            for (int ended = 0; ended < tasks.size(); ) {
                Future<Optional<CaseRun>> next =
                        ending.poll(NOTABLE.toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    listener.waiting();
                    continue;
                }
                ended++;
                Optional<CaseRun> run = result(next);
                run.ifPresent(listener::ended);
                leftOut += run.isEmpty() ? 1 : 0;
            }
        } finally {
            threads.shutdownNow();
        }
        return leftOut;
    }

    private static Optional<CaseRun> result(Future<Optional<CaseRun>> ended)
            throws IOException, InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException("a run did not end", e.getCause());
        }
    }

    /**
     * The run; empty if the money does not suffice for it. It is in the log before the next one
     * begins in its place, so a kill loses no more runs than are made at a time.
     */
    private Optional<CaseRun> made(Task task, SpendLimit money, RunLog log)
            throws IOException, InterruptedException {
        String content = task.asked().content();
        Cost cap = task.target().cap(content);
        if (!money.take(cap)) {
            return Optional.empty();
        }
        Cost spent = cap;
        try {
            CaseRun run =
                    run(
                            task,
                            task.target()
                                    .analyst()
                                    .analyse(
                                            task.slot().id(),
                                            content,
                                            cap,
                                            task.target().prices()));
            spent = new Cost(run.costUsd().add(run.unconfirmedUsd()));
            write(run, log);
            return Optional.of(run);
        } finally {
            money.ended(cap, spent);
        }
    }

    private void write(CaseRun run, RunLog log) throws IOException {
        // An interrupt would close the file, and the run is paid.
        boolean isInterrupted = Thread.interrupted();
        try (Mutex.Held _ = logging.hold()) {
            log.add(run);
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private CaseRun run(Task task, Analysis analysis) {
        TokenUsage usage =
                analysis.calls().stream()
                        .map(Call::usage)
                        .reduce(TokenUsage.NONE, TokenUsage::plus);
        return new CaseRun(
                task.slot(),
                validity(analysis),
                analysis instanceof Analysis.Failed failed ? failed.failure().message() : "",
                differences(task, analysis),
                analysis instanceof Analysis.Analysed(var output, _, _)
                        ? Optional.of(output)
                        : Optional.empty(),
                analysis instanceof Analysis.Failed failed ? failed.answers() : List.of(),
                analysis.calls().size(),
                cost(analysis, false),
                cost(analysis, true),
                usage.input(),
                usage.output(),
                isTimed ? seconds(analysis) : 0,
                clock.instant());
    }

    private static double seconds(Analysis analysis) {
        return analysis.calls().stream()
                        .map(Call::duration)
                        .reduce(Duration.ZERO, Duration::plus)
                        .toMillis()
                / 1_000.0;
    }

    private static BigDecimal cost(Analysis analysis, boolean unconfirmed) {
        return analysis.calls().stream()
                .filter(call -> (call.ending().status() == Call.Status.UNCONFIRMED) == unconfirmed)
                .map(Call::cost)
                .reduce(Cost.ZERO, Cost::plus)
                .usd();
    }

    private static List<Violation> differences(Task task, Analysis analysis) {
        return switch (analysis) {
            case Analysis.Analysed(var output, var input, _) ->
                    task.asked().expectation().differences(output, input);
            case Analysis.Failed(Failure.InvalidOutput(var violations), _, _) -> violations;
            case Analysis.Failed _ -> List.of();
        };
    }

    private static Validity validity(Analysis analysis) {
        return switch (analysis) {
            case Analysis.Analysed(_, _, var calls) ->
                    calls.stream().anyMatch(call -> call.purpose() == Call.Purpose.REPAIR)
                            ? Validity.REPAIRED
                            : Validity.FIRST_TRY;
            case Analysis.Failed(var failure, _, _) ->
                    switch (failure) {
                        case Failure.InvalidOutput _,
                                Failure.OutputTruncated _,
                                Failure.RefusedByModel _,
                                Failure.RejectedByProvider _ ->
                                Validity.INVALID;
                        case Failure.InputCutOff _,
                                Failure.UnpricedModel _,
                                Failure.CapExhausted _,
                                Failure.DeadlineExceeded _,
                                Failure.Bug _,
                                Failure.RetriesExhausted _ ->
                                Validity.NOT_JUDGED;
                    };
        };
    }
}
