package dev.sluice.app.cli.requests;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.DurationConverter;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.RateConverter;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.client.Pace;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.Submission.Problem;
import dev.sluice.app.submit.SubmissionRun;
import dev.sluice.app.submit.outcome.OutcomeSink;
import dev.sluice.app.submit.source.InvalidSourceException;
import dev.sluice.app.submit.source.Sources;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice submit}: publishes files and rows as requests. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Publishes files, or the rows of CSV and JSON Lines files, as requests. With --wait or"
                    + " --out it waits for their outcomes.",
            "All items are checked before the first is published.",
            "The same submission twice is the same requests: what has an outcome already is not"
                    + " sent again, and what is in progress is waited for. So a submission that was"
                    + " interrupted goes on where it was.",
            "Requests are BULK by default: they wait for the user's hourly limit, and requests of"
                    + " people go first. That limit is 200 an hour unless it was changed (sluice"
                    + " budget)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice submit seo pages/ --user ann --wait",
            "  sluice submit support-ticket tickets.csv --user ann --content-column text"
                    + " --out answers.csv",
            "  sluice submit seo pages.jsonl --user crawl --rate 50/s --wait-for-budget",
            "  curl -s https://example.com | sluice submit seo - --user ann --wait --json"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all requests are published; with --wait, all have results",
            "1:the brokers did not take all requests, or --timeout passed",
            "2:a mistake in the command line, the configuration or a source",
            "3:all requests ended, some as dead letters",
        })
public final class SubmitCommand implements Callable<Integer> {
    private static final int SHOWN_PROBLEMS = 10;

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Mixin private RequestFlags requests = new RequestFlags();

    @ArgGroup(validate = false, heading = "%nHow sources are read:%n")
    private SourceOptions sourceOptions = new SourceOptions();

    @Parameters(index = "0", paramLabel = "ANALYSIS", description = "Name of the analysis.")
    private String analysis = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "SOURCE",
            description =
                    "Files, folders, or - for standard input. Each row of a .csv, .tsv or .jsonl"
                            + " file is a request; any other file is one request.")
    private List<String> sources = List.of();

    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = RateConverter.class,
            description = "Publish no faster than this, such as 50/s.")
    private @Nullable Double rate;

    @Option(
            names = "--skip-invalid",
            description = "Publish the valid items, even if others are not valid.")
    private boolean skipInvalid;

    @Option(names = "--wait", description = "Wait for the outcomes.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Wait no longer than this for outcomes. Default: as long as it takes.")
    private @Nullable Duration timeout;

    @Option(
            names = "--out",
            paramLabel = "PATH",
            description =
                    "Wait, and write the outcomes to a new file that ends with .jsonl or .csv, in"
                            + " the order of the sources; or, for any other PATH, each to a file in"
                            + " that folder, which is created.")
    private @Nullable String out;

    @Option(
            names = "--json",
            description = "Write outcomes to standard output, one JSON object a line.")
    private boolean json;

    /** The analyses of this installation. */
    private List<String> analyses = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logging.quiet();
        requireUsable();
        SluiceConfig loaded = config.load();
        Knowledge knowledge = Plans.knowledge(loaded);
        analyses = knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
        if (out != null) {
            requireOutside(out);
        }
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        try (Sources opened = Sources.open(sources, System.in, sourceOptions.reading())) {
            for (String explanation : opened.explanations()) {
                output.err().println(SafeText.of(explanation));
            }
            Submission submission =
                    Submission.check(
                            opened,
                            KnownAnalyses.find(knowledge, analysis),
                            requests.options(),
                            InstantSource.system());
            requireValid(submission);
            output.err().flush();
            int[] exitCode = {0};
            KafkaTrouble.ask(
                    kafka,
                    () -> {
                        new HourlyLimits(loaded, kafka)
                                .warnings(submission, requests.options())
                                .forEach(warning -> output.err().println(SafeText.of(warning)));
                        output.err().flush();
                        exitCode[0] = run(kafka, submission);
                    });
            return exitCode[0];
        } catch (InvalidSourceException e) {
            throw new CommandFailedException(SafeText.of(String.valueOf(e.getMessage())));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void requireOutside(String path) throws IOException {
        try {
            Sources.requireOutside(Path.of(path), sources);
        } catch (InvalidSourceException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }

    private void requireUsable() {
        if (timeout != null && !isFollowed()) {
            throw new CommandFailedException("--timeout needs --wait or --out");
        }
    }

    private boolean isFollowed() {
        return wait || json || out != null;
    }

    private void requireValid(Submission submission) {
        List<Problem> problems = submission.problems();
        Map<String, List<Problem>> alike =
                problems.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Problem::message, LinkedHashMap::new, Collectors.toList()));
        alike.values().stream()
                .limit(SHOWN_PROBLEMS)
                .forEach(same ->
                        output.err()
                                .println(
                                        SafeText.of(same.getFirst().toString())
                                                + (same.size() == 1
                                                        ? ""
                                                        : " (and %,d more like this)"
                                                                .formatted(same.size() - 1))));
        if (alike.size() > SHOWN_PROBLEMS) {
            output.err().printf("and %,d other mistakes%n", alike.size() - SHOWN_PROBLEMS);
        }
        if (submission.planned().isEmpty()) {
            throw new CommandFailedException("nothing is submitted: no item is valid");
        }
        if (!problems.isEmpty() && !skipInvalid) {
            throw new CommandFailedException(
                    "%,d of %,d items cannot be submitted; nothing was published. --skip-invalid"
                                    .formatted(
                                            problems.size(),
                                            problems.size() + submission.planned().size())
                            + " publishes the others");
        }
    }

    private int run(KafkaConnection kafka, Submission submission) throws InterruptedException {
        try {
            return isFollowed() ? follow(kafka, submission) : publish(kafka, submission);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int publish(KafkaConnection kafka, Submission submission)
            throws IOException, InterruptedException {
        SubmitReport report = report(submission, Optional.empty());
        try (report;
                SubmissionRun running = running(kafka, submission, report)) {
            publish(running);
            report.published(running);
            return running.rejected().isEmpty() ? 0 : ExitCode.FAILED;
        }
    }

    private int follow(KafkaConnection kafka, Submission submission)
            throws IOException, InterruptedException {
        Optional<OutcomeSink> sink =
                out == null
                        ? Optional.empty()
                        : Optional.of(OutcomeSink.of(out, submission.planned()));
        Thread hint = new Thread(() -> interrupted(submission, sink), "interrupted");
        Runtime.getRuntime().addShutdownHook(hint);
        SubmitReport report = report(submission, sink);
        try (report;
                SubmissionRun running = running(kafka, submission, report)) {
            running.follow(analyses, Optional.ofNullable(timeout));
            publish(running);
            running.await();
            if (sink.isPresent()) {
                sink.get().complete();
            }
            report.finished(running);
            if (running.pending() > 0) {
                output.err()
                        .println(
                                howToGoOn(submission)
                                        + (sink.isPresent()
                                                ? " It needs another --out file."
                                                : ""));
                output.err().flush();
            }
            return running.pending() > 0 || !running.rejected().isEmpty()
                    ? ExitCode.FAILED
                    : report.deadLetters() > 0 ? ExitCode.DEAD_LETTERS : 0;
        } finally {
            if (sink.isPresent()) {
                sink.get().close();
            }
            var _ = removed(hint);
        }
    }

    private void publish(SubmissionRun running) throws IOException, InterruptedException {
        try {
            running.publish(Optional.ofNullable(rate).map(Pace::of));
        } catch (IllegalStateException e) {
            output.err().println(e.getMessage());
            output.err().flush();
            throw e;
        }
    }

    private SubmissionRun running(
            KafkaConnection kafka, Submission submission, SubmitReport report) {
        return new SubmissionRun(kafka, submission, report, Clocks.system().steady());
    }

    private SubmitReport report(Submission submission, Optional<OutcomeSink> sink) {
        return new SubmitReport(
                output.out(),
                output.err(),
                json,
                config.words(),
                submission,
                sink,
                Clocks.system().steady());
    }

    /** Runs at Ctrl-C. */
    private void interrupted(Submission submission, Optional<OutcomeSink> sink) {
        System.err.println();
        System.err.println(howToGoOn(submission));
        if (sink.isPresent()) {
            try {
                sink.get().close();
            } catch (IOException e) {
                System.err.println("an incomplete file is left: " + e.getMessage());
            }
        }
    }

    private static boolean removed(Thread hint) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hint);
        } catch (IllegalStateException e) {
            // The process ends already, and the hook has run.
            return false;
        }
    }

    private String howToGoOn(Submission submission) {
        return "What is published goes on. The same command waits for it again; sluice results"
                + " --run "
                + submission.runId()
                + config.words()
                + " shows what has ended.";
    }
}
