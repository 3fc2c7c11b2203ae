package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.FakeJournal;
import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Provider outages of hours, on a virtual clock. */
class ProviderOutageTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration OUTAGE = Duration.ofHours(3);
    private static final int JOBS = 30;

    /** The breaker opens for 10 s at a time and then lets three calls through. */
    private static final long PROBES = OUTAGE.toSeconds() / 10 * 3;

    private final AnalysisDefinition seo =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
    private final VirtualTime time = new VirtualTime(START);
    private final Queue<Analysis> ended = new ConcurrentLinkedQueue<>();
    private final Queue<FakeJournal> journals = new ConcurrentLinkedQueue<>();
    private final Queue<Instant> asked = new ConcurrentLinkedQueue<>();

    @Test
    void jobsWaitOutAnOutageOfHoursWithProbesOnlyAndResumeByThemselves()
            throws InterruptedException {
        Instant back = START.plus(OUTAGE);
        GuardedModel guarded =
                guarded(() ->
                        time.instant().isBefore(back)
                                ? ModelReply.Unavailable.uncharged(
                                        OptionalInt.of(503), "down", Optional.empty())
                                : answer());

        analyse(guarded);

        assertThat(ended).hasSize(JOBS).allMatch(Analysis.Analysed.class::isInstance);
        assertThat(asked.stream().filter(at -> at.isBefore(back)).count())
                .as("calls during the outage")
                .isBetween(PROBES / 4, PROBES + JOBS);
        assertThat(time.instant()).as("all are answered soon after").isBefore(back.plusSeconds(60));
        long resumed =
                journals.stream()
                        .flatMap(journal -> journal.entries().stream())
                        .filter("resume"::equals)
                        .count();
        assertThat(resumed)
                .as("only to make a call, and to wait for one")
                .isLessThanOrEqualTo(2L * asked.size() + JOBS);
    }

    /** A provider that accepts calls and never answers, for a deployment with few calls. */
    @Test
    void outageOfADeploymentWithFewCallsIsWaitedOutWithProbes() throws InterruptedException {
        Instant back = START.plus(OUTAGE);
        Deployment busy = Deployments.named("gpt-4.1-mini");
        Deployment slow =
                new Deployment(
                        busy.model(),
                        busy.name(),
                        busy.modelId(),
                        busy.traits(),
                        busy.endpoint(),
                        ProviderLimits.unknown().with(Limit.REQUESTS, 30));
        Duration timeout = slow.endpoint().timeout();
        GuardedModel guarded =
                guarded(
                        slow,
                        () -> {
                            if (!time.instant().isBefore(back)) {
                                return answer();
                            }
                            try {
                                time.until(time.instant().plus(timeout));
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return ModelReply.Unavailable.answerLost(
                                    OptionalInt.empty(), "no answer", Optional.empty());
                        });

        analyse(guarded);

        assertThat(ended).hasSize(JOBS).allMatch(Analysis.Analysed.class::isInstance);
        long probes = OUTAGE.dividedBy(timeout.plusSeconds(10)) * 3;
        assertThat(asked.stream().filter(at -> at.isBefore(back)).count())
                .as("calls during the outage")
                .isBetween(probes / 4, probes + JOBS);
    }

    private void analyse(GuardedModel guarded) throws InterruptedException {
        try (ComputePool pool = ComputePool.start(ComputeLimits.defaults(), ComputeObserver.NONE)) {
            Analyst analyst = new Analyst(seo, guarded, pool);
            time.run(
                    IntStream.range(0, JOBS)
                            .<Runnable>mapToObj(job -> () -> ended.add(analyse(analyst, "r" + job)))
                            .toList());
        }
    }

    private Analysis analyse(Analyst analyst, String id) {
        FakeJournal journal = new FakeJournal();
        journals.add(journal);
        try {
            return analyst.analyse(
                    new AnalysisTask(
                            id,
                            "<title>T</title>",
                            Priority.INTERACTIVE,
                            START.plus(Duration.ofHours(24)),
                            new Cost(BigDecimal.ONE),
                            List.of(
                                    PriceTable.shipped()
                                            .find("gpt-4.1-mini", LocalDate.of(2026, 11, 23))
                                            .orElseThrow()),
                            journal));
        } catch (InterruptedException e) {
            throw new IllegalStateException("these jobs are not cancelled", e);
        }
    }

    private GuardedModel guarded(Supplier<ModelReply> provider) {
        return guarded(Deployments.named("gpt-4.1-mini"), provider);
    }

    private GuardedModel guarded(Deployment deployment, Supplier<ModelReply> provider) {
        Model model =
                (request, callId) -> {
                    asked.add(time.instant());
                    return CallResult.of(provider.get());
                };
        return new GuardedModel(
                List.of(new DeploymentGuard(deployment, model, time)),
                RetryPolicy.DEFAULT,
                Clocks.both(time),
                time,
                CallObserver.NONE);
    }

    private static ModelReply answer() {
        return new ModelReply.Answered(
                "{\"title_tag\":\"T\",\"title_length\":1,\"issues\":[],\"recommendations\":[],"
                        + "\"priority_score\":1,\"summary\":\"Fine.\"}",
                FinishReason.STOP,
                Optional.of(ScriptedModel.USAGE),
                "r",
                RateLimits.NONE);
    }
}
