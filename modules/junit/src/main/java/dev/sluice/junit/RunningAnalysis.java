package dev.sluice.junit;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.TimedAnalyst;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.recording.Recorder;
import dev.sluice.analysis.recording.Recordings;
import dev.sluice.analysis.recording.Replayer;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.app.cli.common.CallPrices;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.evals.EvalFolder;
import dev.sluice.app.config.ConfigLoader;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.app.service.Models;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.cases.EvalSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.opentest4j.AssertionFailedError;

/** An analysis that can be run, with its models. */
final class RunningAnalysis implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final AnalysisDefinition definition;
    private final Optional<Path> folderOfCases;
    private final Optional<Replayer> replayer;
    private final ComputePool pool;
    private final Models models;
    private final TimedAnalyst analyst;
    private final List<ModelPrice> prices;
    private final CapEstimate estimate;

    /** So that it is certain which test gets which recording, and whose request has none. */
    private final Lock oneAtATime = new ReentrantLock();

    /**
     * What is to be run.
     *
     * @param config the configuration file, if there is one
     * @param environment variables of the configuration
     * @param recordings folder of the recordings
     */
    record Plan(
            String analysis,
            Optional<Path> config,
            Map<String, String> environment,
            Path recordings) {}

    private RunningAnalysis(Plan plan, EvalMode mode) throws IOException {
        SluiceConfig config = ConfigLoader.load(plan.config(), plan.environment());
        Knowledge knowledge = Plans.knowledge(config);
        this.definition = KnownAnalyses.find(knowledge, plan.analysis());
        this.folderOfCases = EvalFolder.find(config.analyses().dir(), plan.analysis());
        Set<String> names = new TreeSet<>(definition.models().all());
        Environment environment = Environment.load(plan.environment());
        Map<String, List<Deployment>> deployments =
                mode == EvalMode.REPLAY
                        ? Deployments.uncalled(names, config.models(), knowledge, environment)
                        : Deployments.of(names, config.models(), knowledge, environment);
        this.prices = CallPrices.of(definition, knowledge, deployments);
        this.estimate =
                new CapEstimate(
                        definition,
                        TokenCounter.ofIds(prices.stream().map(ModelPrice::modelId).toList()));
        Recordings recordings = Recordings.open(plan.recordings());
        if (mode == EvalMode.RECORD) {
            recordings.clear();
        }
        this.replayer =
                mode == EvalMode.REPLAY ? Optional.of(new Replayer(recordings)) : Optional.empty();
        this.pool = ComputePool.start(Plans.compute(config), ComputeObserver.NONE);
        this.models =
                new Models(
                        deployments,
                        RetryPolicy.DEFAULT,
                        CallObserver.NONE,
                        between(mode, recordings));
        this.analyst =
                new TimedAnalyst(
                        new Analyst(definition, models.guarded(definition), pool),
                        LIMIT,
                        TimedAnalyst.Watch.NONE);
    }

    /**
     * Prepares an analysis.
     *
     * @throws IOException if the recordings cannot be read or deleted
     */
    static RunningAnalysis start(Plan plan, EvalMode mode) throws IOException {
        return new RunningAnalysis(plan, mode);
    }

    private UnaryOperator<HttpSender> between(EvalMode mode, Recordings recordings) {
        return switch (mode) {
            case REPLAY -> _ -> replayer.orElseThrow();
            case RECORD -> network -> new Recorder(network, recordings, InstantSource.system());
            case LIVE -> UnaryOperator.identity();
        };
    }

    /** The cases of the analysis. */
    List<EvalCase> cases() {
        Path folder =
                folderOfCases.orElseThrow(() ->
                        new IllegalStateException(
                                definition.name() + " has no folder evals with cases"));
        try {
            return EvalSet.read(folder, definition).cases();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the cases in " + folder, e);
        }
    }

    /**
     * Analyses a content.
     *
     * @throws AssertionFailedError if a call was not recorded
     */
    Analysis analyse(String id, String content) {
        oneAtATime.lock();
        try {
            return analysed(id, content);
        } finally {
            oneAtATime.unlock();
        }
    }

    private Analysis analysed(String id, String content) {
        int misses = misses();
        Analysis analysis;
        try {
            analysis =
                    analyst.analyse(
                            id, content, estimate.cap(ContentSize.of(content), prices), prices);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (misses() > misses) {
            throw new AssertionFailedError(
                    replayer.orElseThrow().misses().getLast()
                            + ". -D"
                            + EvalMode.PROPERTY
                            + "=record asks the provider, which costs money, and records anew");
        }
        return analysis;
    }

    private int misses() {
        return replayer.map(one -> one.misses().size()).orElse(0);
    }

    @Override
    public void close() {
        models.close();
        pool.close();
    }
}
