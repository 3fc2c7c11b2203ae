package dev.sluice.app.cli.evals;

import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.TimedAnalyst;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.recording.Recorder;
import dev.sluice.analysis.recording.Recordings;
import dev.sluice.analysis.recording.Replayer;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.app.cli.common.CallPrices;
import dev.sluice.app.cli.common.CallWaits;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
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
import dev.sluice.evals.run.EvalTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice eval}: how often an analysis answers its cases as expected. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the cases of an analysis, and says how often its outputs are as expected, with the"
                    + " uncertainty of that.",
            "The simulator answers, which costs nothing and says nothing of a model. With --live the"
                    + " provider answers, which costs money: the most that it can cost is said first.",
            "An eval that was interrupted goes on where it was: the same command again pays for"
                    + " what is missing only."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the eval was made",
            "1:runs are missing: the model was not reached, or --max-cost did not suffice",
            "2:a mistake in the command line, the configuration or a case",
            "4:with --baseline: a model is worse than its baseline by more than chance"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice eval seo",
            "  sluice eval seo --live --repeat 5 --max-cost 1.50 --out seo-report",
            "  sluice eval seo --live --model gpt-4.1-mini --model claude-haiku-4-5",
            "  sluice eval seo --live --repeat 5 --update-baseline",
            "  sluice eval seo --live --repeat 5 --baseline",
            "  sluice eval seo --live --dir next/seo --baseline",
            "  sluice eval seo --live --dir next/seo --from-topic --since 6h --max-cost 0.50",
            "  sluice eval add-case seo --request page-4711 --since 3d"
        },
        subcommands = AddCaseCommand.class)
public final class EvalCommand implements Callable<Integer> {
    private final Optional<ProviderStub> stub;

    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private Output output = new Output();

    @Mixin private SourceOptions sources = new SourceOptions();

    @Mixin private RunOptions options = new RunOptions();

    @Mixin private ResultOptions wanted = new ResultOptions();

    @Parameters(paramLabel = "ANALYSIS", arity = "0..1", description = "Name of the analysis.")
    private String name = "";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A model that answers; several times for several, which are compared with the"
                            + " first. Default: the analysis's own.")
    private List<String> models = List.of();

    /** What is evaluated, and what it is made from. */
    private record Eval(
            SluiceConfig config,
            Knowledge knowledge,
            AnalysisDefinition definition,
            EvalSession.Subject subject) {}

    /**
     * @param stub answers unless {@code --live} is given; not every installation has one
     */
    public EvalCommand(Optional<ProviderStub> stub) {
        this.stub = stub;
    }

    /** The configuration that the command line names. */
    SluiceConfig config() {
        return config.load();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logging.quiet();
        requireUsable();
        Eval eval = eval(config.load());
        wanted.files().ifPresent(EvalFiles::prepare);
        if (options.replayed().isPresent()) {
            return replay(eval, options.replayed().get());
        }
        Recording recording = Recording.of(options.recordings());
        InstantSource clock = InstantSource.system();
        if (options.isLive()) {
            return run(
                    eval,
                    Deployments.of(
                            asked(eval),
                            eval.config().models(),
                            eval.knowledge(),
                            Environment.load()),
                    recording,
                    clock);
        }
        ProviderStub simulator =
                stub.orElseThrow(() ->
                        new CommandFailedException(
                                "this installation has no simulator; add --live to call the"
                                        + " provider"));
        try (ProviderStub.Running running = simulator.start()) {
            return run(
                    eval,
                    Deployments.of(asked(eval), Map.of(), eval.knowledge(), running.environment()),
                    recording,
                    clock);
        }
    }

    private void requireUsable() {
        require(!name.isEmpty(), "name the analysis: sluice eval seo");
        sources.requireUsable();
        if (sources.isFromTopic()) {
            options.once();
        }
        options.requireUsable();
        require(
                !sources.isFromTopic() || (!wanted.isCompared() && !wanted.isAccepted()),
                "--from-topic compares with production: leave --baseline and --update-baseline"
                        + " out");
        require(
                !sources.isFromTopic() || options.recordings().isEmpty(),
                "--record would write the contents of requests: leave it out");
        require(
                !wanted.isAccepted() || sources.hasOwnBaseline(),
                "--update-baseline writes into the folder evals of --dir, which it does not have:"
                        + " copy the cases there");
        require(models.size() == new HashSet<>(models).size(), "--model names a model twice");
        require(
                !wanted.isAccepted() || sources.isWhole(),
                "--update-baseline needs all cases: leave --cases out");
        require(
                !wanted.isAccepted() || options.replayed().isEmpty(),
                "--update-baseline needs runs of today: leave --replay out");
    }

    private static void require(boolean isMet, String message) {
        if (!isMet) {
            throw new CommandFailedException(message);
        }
    }

    private Eval eval(SluiceConfig loaded) throws IOException, InterruptedException {
        Knowledge knowledge = Plans.knowledge(loaded);
        AnalysisDefinition current = KnownAnalyses.find(knowledge, name);
        AnalysisDefinition definition = sources.version(current);
        return new Eval(
                loaded, knowledge, definition, sources.subject(loaded, current, definition));
    }

    /** The models that answer, in the order of the command line. */
    private Set<String> asked(Eval eval) {
        return models.isEmpty()
                ? Set.of(eval.definition().models().model())
                : new LinkedHashSet<>(models);
    }

    private int replay(Eval eval, Path folder) throws IOException, InterruptedException {
        Recordings recordings = Recordings.open(folder);
        require(recordings.size() > 0, "there are no recordings in " + folder);
        Replayer replayer = new Replayer(recordings);
        // The same replay has the same report.
        InstantSource clock = InstantSource.fixed(recordings.newest().orElseThrow());
        int exitCode =
                run(
                        eval,
                        // As in the recorded eval: requests depend on the deployment.
                        Deployments.uncalled(
                                asked(eval),
                                eval.config().models(),
                                eval.knowledge(),
                                Environment.load()),
                        new Recording(_ -> replayer),
                        clock);
        if (!replayer.misses().isEmpty()) {
            throw new CommandFailedException(
                    replayer.misses().size()
                            + " requests were not recorded; --record with --live records them."
                            + " The first: "
                            + replayer.misses().getFirst());
        }
        return exitCode;
    }

    /** What is between the calls and the network. */
    private record Recording(UnaryOperator<HttpSender> sender) {
        static Recording of(Optional<Path> folder) throws IOException {
            if (folder.isEmpty()) {
                return new Recording(UnaryOperator.identity());
            }
            Recordings recordings = Recordings.open(folder.get());
            require(
                    recordings.size() == 0,
                    folder.get() + " has recordings already; name another folder, or delete them");
            return new Recording(
                    network -> new Recorder(network, recordings, InstantSource.system()));
        }
    }

    private int run(
            Eval eval,
            Map<String, List<Deployment>> deployments,
            Recording recording,
            InstantSource clock)
            throws IOException, InterruptedException {
        AnalysisDefinition definition = eval.definition();
        Set<String> asked = asked(eval);
        CallWaits waits = new CallWaits(Clocks.system().steady(), "run");
        try (ComputePool pool =
                        ComputePool.start(Plans.compute(eval.config()), ComputeObserver.NONE);
                Models callable =
                        new Models(deployments, RetryPolicy.DEFAULT, waits, recording.sender())) {
            List<EvalTarget> targets = new ArrayList<>();
            for (String model : asked) {
                AnalysisDefinition answered = definition.answeredBy(model);
                Analyst analyst = new Analyst(answered, callable.guarded(answered), pool);
                targets.add(
                        new EvalTarget(
                                answered,
                                options.label(model),
                                new TimedAnalyst(analyst, options.deadline(), waits),
                                CallPrices.of(answered, eval.knowledge(), deployments)));
            }
            return new EvalSession(options, wanted, output, clock)
                    .run(
                            eval.subject(),
                            targets,
                            waits,
                            () -> asked.forEach(model -> requireTakesCalls(callable, model, eval)));
        }
    }

    private static void requireTakesCalls(Models callable, String model, Eval eval) {
        callable.trouble(eval.definition().answeredBy(model))
                .ifPresent(trouble -> {
                    throw new CommandFailedException("the model cannot be called: " + trouble);
                });
    }
}
