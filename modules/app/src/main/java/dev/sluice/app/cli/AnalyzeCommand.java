package dev.sluice.app.cli;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.AnalysisTask;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.Call;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.Failure;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.CapEstimate;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.app.Models;
import dev.sluice.app.ServicePlan.Knowledge;
import dev.sluice.app.client.PageFile;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.Secrets;
import dev.sluice.app.config.SluiceConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Runs one analysis on files, without Kafka: for writing prompts. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        description = "Runs one analysis on files without Kafka; calls the configured model.")
final class AnalyzeCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "One JSON object per file, on one line.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "ANALYSIS", description = "Name of the analysis.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "What to analyse.")
    private List<Path> files = List.of();

    @Override
    public Integer call() throws Exception {
        Logging.quiet();
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new CommandFailedException("there is no file " + file);
            }
        }
        SluiceConfig loaded = config.load();
        Knowledge knowledge = Plans.knowledge(loaded);
        AnalysisDefinition definition =
                knowledge
                        .analyses()
                        .find(name)
                        .orElseThrow(() ->
                                new CommandFailedException(
                                        "there is no analysis "
                                                + name
                                                + "; see sluice analyses list"));
        var deployments = Plans.models(loaded, knowledge.analyses(), Secrets.load(), true);
        List<ModelPrice> prices = prices(definition, knowledge, Plans.modelIds(deployments));
        boolean failed = false;
        try (Models models = new Models(deployments, CallObserver.NONE)) {
            Analyst analyst = new Analyst(definition, models.guarded(definition));
            for (Path file : files) {
                String content = PageFile.read(file);
                Cost cap = new CapEstimate(definition).cap(Files.size(file), prices);
                Instant deadline = InstantSource.system().instant().plus(Duration.ofHours(1));
                Analysis analysis =
                        analyst.analyse(
                                new AnalysisTask(
                                        String.valueOf(file.getFileName()),
                                        content,
                                        deadline,
                                        cap,
                                        prices));
                failed |= analysis instanceof Analysis.Failed;
                print(file, analysis);
            }
        }
        return failed ? SluiceCommand.FAILED : 0;
    }

    private static List<ModelPrice> prices(
            AnalysisDefinition definition,
            Knowledge knowledge,
            Map<String, List<String>> modelIds) {
        LocalDate today = LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
        List<ModelPrice> prices = new ArrayList<>();
        Stream.concat(
                        Stream.of(definition.models().model()),
                        definition.models().fallbacks().stream())
                .flatMap(model -> modelIds.getOrDefault(model, List.of()).stream())
                .distinct()
                .forEach(id ->
                        prices.add(
                                knowledge
                                        .prices()
                                        .find(id, today)
                                        .orElseThrow(() ->
                                                new CommandFailedException(
                                                        "the price table has no"
                                                                + " price of "
                                                                + id
                                                                + "; add one with"
                                                                + " prices.file"))));
        return prices;
    }

    private void print(Path file, Analysis analysis) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not set this command up");
        }
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode report = JsonMapper.shared().createObjectNode();
        report.put("file", file.toString());
        switch (analysis) {
            case Analysis.Analysed analysed -> report.set("output", analysed.output());
            case Analysis.Failed failed -> {
                report.put("failure", failed.failure().message());
                if (failed.failure() instanceof Failure.InvalidOutput invalid) {
                    invalid.violations()
                            .forEach(violation ->
                                    report.withArray("violations").add(violation.toString()));
                }
                failed.answers().forEach(report.withArray("answers")::add);
            }
        }
        report.put("calls", analysis.calls().size());
        report.put(
                "costUsd",
                analysis.calls().stream().map(Call::cost).reduce(Cost.ZERO, Cost::plus).toString());
        out.println(json ? report.toString() : report.toPrettyString());
        out.flush();
    }
}
