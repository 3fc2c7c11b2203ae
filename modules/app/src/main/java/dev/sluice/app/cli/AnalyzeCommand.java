package dev.sluice.app.cli;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.AnalysisTask;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.CallJournal;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.Urgency;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.InputKind;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.app.Models;
import dev.sluice.app.ServicePlan.Knowledge;
import dev.sluice.app.client.PageFile;
import dev.sluice.app.client.StandIn;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one analysis on files, without Kafka: for writing prompts. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one analysis on files, without Kafka.",
            "The simulator answers, so that it costs nothing; with --live the provider does.",
            "With --live the models of the configuration are called, and others at their"
                    + " providers, with OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY and"
                    + " ANTHROPIC_BASE_URL from the environment or .env.",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every output is valid",
            "2:used wrongly, or a problem with the configuration",
            "3:at least one file ended as a dead letter",
        })
final class AnalyzeCommand implements Callable<Integer> {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final String STANDARD_INPUT = "-";

    private final Optional<StandIn> standIn;

    @Mixin private ConfigOption config = new ConfigOption();

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--live", description = "Call the provider. This costs money.")
    private boolean live;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "The model to ask in place of the analysis's own and its fallbacks.")
    private @Nullable String model;

    @Option(names = "--show-prompt", description = "Show what the model is sent, too.")
    private boolean showPrompt;

    @Option(names = "--json", description = "One JSON object per file, on one line.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "ANALYSIS", description = "Name of the analysis.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "What to analyse; - for standard input.")
    private List<String> files = List.of();

    /**
     * @param standIn answers unless the provider is asked for; not every installation has one
     */
    AnalyzeCommand(Optional<StandIn> standIn) {
        this.standIn = standIn;
    }

    @Override
    public Integer call() throws Exception {
        Logging.quiet();
        for (String file : files) {
            if (!file.equals(STANDARD_INPUT) && !Files.isRegularFile(Path.of(file))) {
                throw new CommandFailedException("there is no file " + file);
            }
        }
        SluiceConfig loaded = config.load();
        Knowledge knowledge = Plans.knowledge(loaded);
        AnalysisDefinition definition = definition(knowledge);
        if (live) {
            return analyze(definition, knowledge, loaded.models(), Environment.load());
        }
        StandIn simulator =
                standIn.orElseThrow(() ->
                        new CommandFailedException(
                                "this installation has no simulator; add --live to call the"
                                        + " provider"));
        try (StandIn.Running running = simulator.start()) {
            return analyze(definition, knowledge, Map.of(), running.environment());
        }
    }

    private AnalysisDefinition definition(Knowledge knowledge) {
        AnalysisDefinition definition =
                knowledge
                        .analyses()
                        .find(name)
                        .orElseThrow(() ->
                                new CommandFailedException(
                                        "there is no analysis "
                                                + name
                                                + "; see sluice analyses list"));
        return model == null ? definition : definition.answeredBy(model);
    }

    private int analyze(
            AnalysisDefinition definition,
            Knowledge knowledge,
            Map<String, SluiceConfig.Model> configured,
            Environment environment)
            throws IOException, InterruptedException {
        Map<String, List<Deployment>> deployments =
                Deployments.of(
                        Set.copyOf(definition.models().all()),
                        configured,
                        knowledge,
                        environment,
                        true);
        List<ModelPrice> prices = prices(definition, knowledge, deployments);
        AnalyzeReport report = new AnalyzeReport(definition, json);
        boolean allValid = true;
        try (Models models = new Models(deployments, CallObserver.NONE);
                ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            Analyst analyst = new Analyst(definition, models.guarded(definition));
            CapEstimate estimate =
                    new CapEstimate(
                            definition,
                            TokenCounter.ofIds(prices.stream().map(ModelPrice::modelId).toList()));
            for (String file : files) {
                byte[] bytes = bytes(file);
                String content =
                        PageFile.decoded(bytes, definition.input().kind() == InputKind.HTML);
                if (showPrompt) {
                    report.prompt(analyst.prompt(content));
                }
                if (bytes.length > definition.input().maxBytes()) {
                    report.tooLarge(file, bytes.length);
                    allValid = false;
                } else {
                    AnalysisTask task =
                            new AnalysisTask(
                                    file,
                                    content,
                                    Urgency.INTERACTIVE,
                                    InstantSource.system().instant().plus(DEADLINE),
                                    estimate.cap(ContentSize.of(content), prices),
                                    prices,
                                    CallJournal.NONE);
                    Analysis analysis =
                            outcome(thread.submit(() -> analyst.analyse(task)), models, definition);
                    report.outcome(file, analysis);
                    allValid &= analysis instanceof Analysis.Analysed;
                }
                out().println(report.written());
                out().flush();
            }
        }
        return allValid ? 0 : SluiceCommand.DEAD_LETTERS;
    }

    /** Waits for the outcome, but not for what only the user can mend. */
    private static Analysis outcome(
            Future<Analysis> future, Models models, AnalysisDefinition definition)
            throws InterruptedException {
        while (true) {
            try {
                return future.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                Optional<String> trouble = models.trouble(definition);
                if (trouble.isPresent()) {
                    future.cancel(true);
                    throw new CommandFailedException("the model takes no calls: " + trouble.get());
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("the analysis did not end", e.getCause());
            }
        }
    }

    private static List<ModelPrice> prices(
            AnalysisDefinition definition,
            Knowledge knowledge,
            Map<String, List<Deployment>> deployments) {
        LocalDate today = LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
        Map<String, List<String>> ids = Deployments.modelIds(deployments);
        List<ModelPrice> prices = new ArrayList<>();
        definition.models().all().stream()
                .flatMap(used -> ids.getOrDefault(used, List.of()).stream())
                .distinct()
                .forEach(id ->
                        prices.add(
                                knowledge
                                        .prices()
                                        .find(id, today)
                                        .orElseThrow(() ->
                                                new CommandFailedException(
                                                        "the price table has no price of "
                                                                + id
                                                                + "; a model without one is"
                                                                + " never called. Add one with"
                                                                + " prices.file, see sluice"
                                                                + " prices list"))));
        return prices;
    }

    private static byte[] bytes(String file) throws IOException {
        return file.equals(STANDARD_INPUT)
                ? System.in.readAllBytes()
                : Files.readAllBytes(Path.of(file));
    }

    private java.io.PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("picocli has not set this command up");
        }
        return spec.commandLine().getOut();
    }
}
