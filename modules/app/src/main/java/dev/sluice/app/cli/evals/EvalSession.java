package dev.sluice.app.cli.evals;

import dev.sluice.analysis.price.Cost;
import dev.sluice.app.cli.common.CallWaits;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.Words;
import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.report.EvalReport;
import dev.sluice.evals.report.JsonReport;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.EvalRunner;
import dev.sluice.evals.run.EvalTarget;
import dev.sluice.evals.run.RunLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** One eval: its runs, its report, and what becomes of the result. */
final class EvalSession {
    private final RunOptions options;
    private final ResultOptions wanted;
    private final Output output;
    private final InstantSource clock;

    /**
     * What is evaluated.
     *
     * @param folder of the cases and the baseline; empty for requests of production
     * @param known results that are there already; what is made is compared with them
     */
    record Subject(
            String analysis,
            String fingerprint,
            List<EvalCase> cases,
            Optional<Path> folder,
            Optional<Baseline> baseline,
            List<TargetResult> known) {}

    EvalSession(RunOptions options, ResultOptions wanted, Output output, InstantSource clock) {
        this.options = options;
        this.wanted = wanted;
        this.output = output;
        this.clock = clock;
    }

    /**
     * Makes the runs, and tells what they say.
     *
     * @param check fails if a model takes no calls until an operator acts
     * @return the exit code
     */
    int run(Subject subject, List<EvalTarget> targets, CallWaits waits, Runnable check)
            throws IOException, InterruptedException {
        boolean isReplay = options.replayed().isPresent();
        EvalRunner runner =
                new EvalRunner(targets, subject.cases(), options.repeat(), !isReplay, clock);
        if (wanted.isCompared()) {
            targets.forEach(target -> requireBaseline(subject, target.label()));
        }
        Path file =
                isReplay
                        ? Files.createTempFile("sluice-replay", ".jsonl")
                        : options.file(subject.analysis());
        int leftOut;
        List<CaseRun> made;
        try (RunLog log = RunLog.open(file)) {
            if (options.isFresh()) {
                log.clear();
            }
            int reused =
                    targets.size() * subject.cases().size() * options.repeat()
                            - runner.missingRuns(log);
            if (reused > 0 && options.recordings().isPresent()) {
                throw new CommandFailedException(
                        reused
                                + " runs of an interrupted eval are there and would not be recorded:"
                                + " finish it without --record, or begin anew with --fresh");
            }
            announce(subject, targets, runner, log);
            try (EvalProgress progress =
                    new EvalProgress(output.err(), runner.missingRuns(log), waits, check)) {
                leftOut = runner.run(log, options.parallel(), options.limit(), progress);
            }
            made = runner.asked(log);
            if (!isReplay && leftOut == 0 && made.stream().allMatch(CaseRun::isJudged)) {
                // The next eval makes its own runs; these stay for who wants to look at them.
                log.move(made, kept(file, clock.instant()));
            }
        } finally {
            if (isReplay) {
                boolean _ = Files.deleteIfExists(file);
            }
        }
        EvalReport report =
                new EvalReport(
                        subject.analysis(),
                        clock.instant(),
                        Stream.concat(
                                        subject.known().stream(),
                                        targets.stream()
                                                .map(target ->
                                                        TargetResult.of(
                                                                target.fingerprint(),
                                                                target.label(),
                                                                subject.cases(),
                                                                made)))
                                .toList(),
                        subject.baseline());
        tell(report);
        boolean isWhole =
                leftOut == 0
                        && report.results().stream().allMatch(result -> result.notJudged() == 0);
        if (!isWhole && !isReplay) {
            explain(report, leftOut, runner.mostOfOne());
        }
        return isWhole ? ended(subject, report) : ExitCode.FAILED;
    }

    /** Says what will be done, and what that can cost. */
    private void announce(
            Subject subject, List<EvalTarget> targets, EvalRunner runner, RunLog log) {
        PrintWriter err = output.err();
        int all = targets.size() * subject.cases().size() * options.repeat();
        int missing = runner.missingRuns(log);
        err.printf(
                Locale.ROOT,
                "%s, version %s: %s, %s, %s%n",
                subject.analysis(),
                subject.fingerprint(),
                Words.count(
                        subject.cases().size(), subject.folder().isPresent() ? "case" : "request"),
                options.repeat() == 1 ? "once" : options.repeat() + " times",
                String.join(", ", targets.stream().map(EvalTarget::label).toList()));
        if (missing < all) {
            err.printf(
                    Locale.ROOT,
                    "%,d runs of an eval that was interrupted are used again; --fresh begins anew%n",
                    all - missing);
        }
        if (missing > 0 && options.replayed().isEmpty()) {
            err.printf(
                    Locale.ROOT,
                    "%,d runs cost at most %s USD if each needs one call, and at most %s USD in all%n",
                    missing,
                    runner.oneCallEach(log),
                    runner.capOfAll(log));
        }
        err.flush();
    }

    private void tell(EvalReport report) {
        PrintWriter out = output.out();
        if (wanted.isJson()) {
            out.println(JsonReport.line(report));
        } else {
            new EvalText(out).print(report);
        }
        out.flush();
        wanted.files()
                .ifPresent(folder -> {
                    EvalFiles.write(report, folder);
                    output.err().println("written to " + folder + ": " + EvalFiles.names());
                    output.err().flush();
                });
    }

    private void explain(EvalReport report, int leftOut, Cost mostOfOne) {
        long notJudged = report.results().stream().mapToLong(TargetResult::notJudged).sum();
        PrintWriter err = output.err();
        if (leftOut > 0) {
            err.printf(
                    Locale.ROOT,
                    "%,d runs were left out: one can cost up to %s USD, which is more than is left of"
                            + " --max-cost; raise it for them. The rates above are of the others%n",
                    leftOut,
                    mostOfOne);
        }
        if (notJudged > 0) {
            err.printf(
                    Locale.ROOT,
                    "%,d runs say nothing of the model; the same command again makes them%n",
                    notJudged);
        }
        err.flush();
    }

    private static Path kept(Path file, Instant now) {
        String name = String.valueOf(file.getFileName()).replace(".jsonl", "");
        String time = now.toString().replaceAll("[:.]", "-");
        return file.resolveSibling(name + "-" + time + ".jsonl");
    }

    private int ended(Subject subject, EvalReport report) throws IOException {
        if (wanted.isCompared() && report.isWorse()) {
            return ExitCode.WORSE;
        }
        if (wanted.isAccepted()) {
            Baseline accepted = subject.baseline().orElse(Baseline.empty());
            for (TargetResult result : report.results()) {
                accepted = accepted.with(result, report.at());
            }
            Path file = subject.folder().orElseThrow().resolve(Baseline.FILE);
            accepted.write(file);
            output.err().println("accepted: " + file);
            output.err().flush();
        }
        return 0;
    }

    /** Before anything is paid. */
    private static void requireBaseline(Subject subject, String model) {
        boolean isThere =
                subject.baseline()
                        .map(baseline -> baseline.isComparable(model, subject.cases()))
                        .orElse(false);
        if (!isThere) {
            throw new CommandFailedException(
                    "there is no baseline of "
                            + model
                            + " for these cases. Write one with the current version: sluice eval "
                            + subject.analysis()
                            + " --live --model "
                            + model
                            + " --update-baseline. With --dir, copy the current version's"
                            + " evals/baseline.json to DIR/evals, too");
        }
    }
}
