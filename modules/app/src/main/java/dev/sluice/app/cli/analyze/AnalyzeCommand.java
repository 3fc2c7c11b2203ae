package dev.sluice.app.cli.analyze;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.app.cli.common.CallPrices;
import dev.sluice.app.cli.common.CallWaits;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.DurationConverter;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.client.ProviderStub;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.service.Models;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code sluice analyze}: runs one analysis on files, without Kafka. For writing
 * prompts.
 */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one analysis on files, without Kafka.",
            "The simulator answers, which costs nothing. With --live the provider answers.",
            "With --live the models of the configuration are called, and others at their"
                    + " providers, with OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY and"
                    + " ANTHROPIC_BASE_URL from the environment or .env.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every output is valid",
            "2:a mistake in the command line or in the configuration",
            "3:at least one file ended as a dead letter",
        })
public final class AnalyzeCommand implements Callable<Integer> {
    /** How often waits of the files are checked. */
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(200);

    private static final int MOST_PARALLEL = 1_000;

    private final Optional<ProviderStub> stub;

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Option(names = "--live", description = "Call the provider. This costs money.")
    private boolean live;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "The model to call instead of the analysis's model and its fallbacks.")
    private @Nullable String model;

    @Option(names = "--show-prompt", description = "Also show the prompt.")
    private boolean showPrompt;

    @Option(names = "--json", description = "One JSON object per file, on one line.")
    private boolean json;

    @Option(
            names = "--tries",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "Failed calls of a file before it ends as a dead letter; three 429s count as"
                            + " one. Default: ${DEFAULT-VALUE}.")
    private int tries;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "2m",
            converter = DurationConverter.class,
            description = "Time limit for each file, such as 30s or 2m. Default: ${DEFAULT-VALUE}.")
    private Duration deadline = Duration.ZERO;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "8",
            description =
                    "Files that are analysed in parallel, as far as the limits of the model allow."
                            + " Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Parameters(index = "0", paramLabel = "ANALYSIS", description = "Name of the analysis.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "The files to analyse; - for standard input.")
    private List<String> files = List.of();

    /**
     * @param stub answers unless {@code --live} is given; not every installation has one
     */
    public AnalyzeCommand(Optional<ProviderStub> stub) {
        this.stub = stub;
    }

    @Override
    public Integer call() throws Exception {
        Logging.quiet();
        requireUsable();
        SluiceConfig loaded = config.load();
        Knowledge knowledge = Plans.knowledge(loaded);
        AnalysisDefinition definition = definition(knowledge);
        ComputeLimits limits = Plans.compute(loaded);
        if (live) {
            return analyze(definition, knowledge, limits, loaded.models(), Environment.load());
        }
        ProviderStub simulator =
                stub.orElseThrow(() ->
                        new CommandFailedException(
                                "this installation has no simulator; add --live to call the"
                                        + " provider"));
        try (ProviderStub.Running running = simulator.start()) {
            return analyze(definition, knowledge, limits, Map.of(), running.environment());
        }
    }

    private void requireUsable() {
        for (String file : files) {
            if (!file.equals(FileAnalysis.STANDARD_INPUT) && !Files.isRegularFile(Path.of(file))) {
                throw new CommandFailedException("there is no file " + file);
            }
        }
        if (tries < 1) {
            throw new CommandFailedException("--tries must be 1 or more, was " + tries);
        }
        if (!deadline.isPositive()) {
            throw new CommandFailedException("--deadline must be more than 0s, such as 2m");
        }
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new CommandFailedException(
                    "--parallel must be from 1 to " + MOST_PARALLEL + ", was " + parallel);
        }
    }

    private AnalysisDefinition definition(Knowledge knowledge) {
        AnalysisDefinition definition = KnownAnalyses.find(knowledge, name);
        return model == null ? definition : definition.answeredBy(model);
    }

    private int analyze(
            AnalysisDefinition definition,
            Knowledge knowledge,
            ComputeLimits limits,
            Map<String, SluiceConfig.Model> configured,
            Environment environment)
            throws IOException, InterruptedException {
        Map<String, List<Deployment>> deployments =
                Deployments.of(
                        Set.copyOf(definition.models().all()), configured, knowledge, environment);
        List<ModelPrice> prices = CallPrices.of(definition, knowledge, deployments);
        CallWaits progress = new CallWaits(Clocks.system().steady(), "file");
        try (ComputePool pool = ComputePool.start(limits, ComputeObserver.NONE);
                Models models = new Models(deployments, RetryPolicy.ofAllTries(tries), progress)) {
            Analyst analyst = new Analyst(definition, models.guarded(definition), pool);
            FileAnalysis analysis =
                    new FileAnalysis(definition, analyst, prices, deadline, showPrompt, progress);
            return inParallel(analysis, definition, models, progress);
        }
    }

    /** Analyses files in parallel. Reports come in the order in which the analyses end. */
    private int inParallel(
            FileAnalysis analysis, AnalysisDefinition definition, Models models, CallWaits progress)
            throws IOException, InterruptedException {
        AnalyzeReport report = new AnalyzeReport(definition, json, !live);
        boolean allValid = true;
        ExecutorService threads =
                Executors.newFixedThreadPool(parallel, Thread.ofVirtual().factory());
        try {
            CompletionService<FileAnalysis.Done> ending = new ExecutorCompletionService<>(threads);
            files.forEach(file -> ending.submit(() -> analysis.of(file)));
            for (int reported = 0; reported < files.size(); ) {
                Future<FileAnalysis.Done> next =
                        ending.poll(CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    printWaits(progress);
                    requireTakesCalls(models, definition);
                } else {
                    FileAnalysis.Done done = done(next);
                    report.of(done);
                    output.out().println(report.written());
                    output.out().flush();
                    allValid &= isValid(done);
                    reported++;
                }
            }
        } finally {
            threads.shutdownNow();
        }
        return allValid ? 0 : ExitCode.DEAD_LETTERS;
    }

    private static FileAnalysis.Done done(Future<FileAnalysis.Done> ended)
            throws IOException, InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new CommandFailedException("cannot read a file: " + cause.getMessage());
            }
            throw new IllegalStateException("the analysis did not end", e.getCause());
        }
    }

    private static boolean isValid(FileAnalysis.Done done) {
        return done.outcome() instanceof FileAnalysis.Ended(var analysis)
                && analysis instanceof Analysis.Analysed;
    }

    private void printWaits(CallWaits progress) {
        PrintWriter err = output.err();
        progress.longWaits().forEach(err::println);
        err.flush();
    }

    /** Fails at once if the model takes no calls until an operator fixes the cause. */
    private static void requireTakesCalls(Models models, AnalysisDefinition definition) {
        models.trouble(definition)
                .ifPresent(trouble -> {
                    throw new CommandFailedException("the model cannot be called: " + trouble);
                });
    }
}
