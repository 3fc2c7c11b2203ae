package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Outcome;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Effect of rejected calls on their own job and on other jobs. */
class TurnedAwayTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final String MODEL = "gpt-4.1-mini";

    private final VirtualTime time = new VirtualTime(START);
    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Map<String, Duration> took = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();

    /** At the default of 500 requests a minute one call is more than a burst. */
    @Test
    void one429CostsItsPauseAndATenthOfTheRateForAWhile() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        _ ->
                                calls.incrementAndGet() == 50
                                        ? throttled(Optional.of(Duration.ofSeconds(1)))
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String id = "job " + i;
            jobs.add(() -> ask(model, id, Duration.ZERO));
        }

        time.run(jobs);

        assertThat(outcomes.values()).hasSize(200).allMatch(Replied.class::isInstance);
        // 201 calls at 8.2 a second are 24.5 s.
        assertThat(time.instant()).isBefore(START.plusSeconds(27));
        assertThat(time.waits()).as("no job spins").isLessThan(10 * 200);
    }

    @Test
    void jobThatIsAlwaysRejectedPausesNoOtherAndEnds() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        request ->
                                content(request).equals("poison")
                                        ? throttled(Optional.empty())
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        jobs.add(() -> ask(model, "poison", Duration.ZERO));
        for (int i = 0; i < 1_000; i++) {
            Duration arrival = Duration.ofMillis(1_000L * i + 300);
            jobs.add(() -> ask(model, "good " + arrival, arrival));
        }

        time.run(jobs);

        assertThat(outcomes.remove("poison"))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.RetriesExhausted.class));
        assertThat(took.remove("poison")).isLessThan(Duration.ofMinutes(15));
        assertThat(outcomes.values()).hasSize(1_000).allMatch(Replied.class::isInstance);
        List<Duration> waits = took.values().stream().sorted().toList();
        assertThat(waits.get(500)).isLessThan(Duration.ofMillis(60));
        assertThat(waits.get(990)).isLessThan(Duration.ofSeconds(1));
    }

    /** A server answers, but not with a provider's answers: waiting a day will not help. */
    @Test
    void singleJobThatGetsWebPagesEndsWithinMinutes() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        _ ->
                                ModelReply.Unavailable.uncharged(
                                        OptionalInt.of(200),
                                        "the answer is not JSON",
                                        Optional.empty()));

        time.run(List.of(() -> ask(model, "alone", Duration.ZERO)));

        assertThat(outcomes.get("alone"))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure().message())
                                        .contains("the answer is not JSON"));
        assertThat(took.get("alone")).isLessThan(Duration.ofMinutes(20));
    }

    @Test
    void singleJobWaitsOutAnOutage() throws InterruptedException {
        Instant back = START.plus(Duration.ofHours(5));
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        _ ->
                                time.instant().isBefore(back)
                                        ? ModelReply.Unavailable.uncharged(
                                                OptionalInt.of(503), "HTTP 503", Optional.empty())
                                        : answer());

        time.run(List.of(() -> ask(model, "alone", Duration.ZERO)));

        assertThat(outcomes.get("alone")).isInstanceOf(Replied.class);
    }

    /** A gateway that answers every call with a 400, whatever its own fault is. */
    @Test
    void rejectionThatMeetsEverybodyIsTheDeploymentsFault() throws InterruptedException {
        Instant mended = START.plus(Duration.ofMinutes(20));
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        _ ->
                                time.instant().isBefore(mended)
                                        ? new ModelReply.Rejected(
                                                400, "HTTP 400", ModelReply.Because.UNKNOWN)
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            String id = "job " + i;
            jobs.add(() -> ask(model, id, Duration.ZERO));
        }

        time.run(jobs);

        assertThat(outcomes.values().stream().filter(GaveUp.class::isInstance)).hasSize(2);
        assertThat(outcomes.values().stream().filter(Replied.class::isInstance)).hasSize(498);
        assertThat(asked.get()).as("probes only").isLessThan(500 + 20);
    }

    @Test
    void rejectedJobsAmongAnsweredOnesEndAndPauseNothing() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        request ->
                                content(request).startsWith("wrong")
                                        ? new ModelReply.Rejected(
                                                400, "HTTP 400", ModelReply.Because.UNKNOWN)
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String id = (i % 3 == 0 ? "good " : "wrong ") + i;
            Duration arrival = Duration.ofMillis(200L * i);
            jobs.add(() -> ask(model, id, arrival));
        }

        time.run(jobs);

        outcomes.forEach((id, outcome) ->
                assertThat(outcome)
                        .isInstanceOf(id.startsWith("wrong") ? GaveUp.class : Replied.class));
        assertThat(time.instant()).isBefore(START.plusSeconds(25));
    }

    /** For example, a schema that the provider does not support. */
    @Test
    void analysisWithOnlyRejectedRequestsPausesNoOther() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        request ->
                                request.analysis().equals("bad")
                                        ? new ModelReply.Rejected(
                                                400, "HTTP 400", ModelReply.Because.UNKNOWN)
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        jobs.add(() -> ask(model, "first good", Duration.ZERO));
        for (int i = 0; i < 100; i++) {
            String id = "bad " + i;
            jobs.add(() -> ask(model, id, Duration.ofSeconds(5)));
        }
        for (int i = 0; i < 300; i++) {
            String id = "good " + i;
            Duration arrival = Duration.ofSeconds(i);
            jobs.add(() -> ask(model, id, arrival));
        }

        time.run(jobs);

        outcomes.forEach((id, outcome) ->
                assertThat(outcome)
                        .as(id)
                        .isInstanceOf(id.startsWith("bad") ? GaveUp.class : Replied.class));
        assertThat(took.values().stream().max(Duration::compareTo).orElseThrow())
                .isLessThan(Duration.ofSeconds(20));
    }

    /** For example, a firewall in front of a gateway. */
    @Test
    void forbiddenDocumentsPauseNoOtherJob() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        request ->
                                content(request).startsWith("script")
                                        ? new ModelReply.Blocked(
                                                403,
                                                "HTTP 403",
                                                Optional.empty(),
                                                ModelReply.Fault.UNCERTAIN)
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            String id = (i % 100 == 7 ? "script " : "good ") + i;
            Duration arrival = Duration.ofSeconds(i);
            jobs.add(() -> ask(model, id, arrival));
        }

        time.run(jobs);

        took.forEach((id, wait) ->
                assertThat(wait)
                        .as(id)
                        .isLessThan(
                                id.startsWith("script")
                                        ? Duration.ofMinutes(20)
                                        : Duration.ofSeconds(1)));
        assertThat(outcomes.values().stream().filter(GaveUp.class::isInstance)).hasSize(10);
    }

    @Test
    void jobThatFailsWhileOthersAreAnsweredPausesNoOther() throws InterruptedException {
        GuardedModel model =
                model(
                        ProviderLimits.unknown(),
                        request ->
                                content(request).equals("poison")
                                        ? ModelReply.Unavailable.uncharged(
                                                OptionalInt.of(503),
                                                "HTTP 503",
                                                Optional.of(Duration.ofMinutes(2)))
                                        : answer());
        List<Runnable> jobs = new ArrayList<>();
        jobs.add(() -> ask(model, "poison", Duration.ofMillis(500)));
        for (int i = 0; i < 2_000; i++) {
            String id = "good " + i;
            Duration arrival = Duration.ofSeconds(i);
            jobs.add(() -> ask(model, id, arrival));
        }

        time.run(jobs);

        took.remove("poison");
        List<Duration> waits = took.values().stream().sorted().toList();
        assertThat(waits.get(1_000)).isLessThan(Duration.ofMillis(100));
        // Twice the provider may be at fault: two pauses of two minutes.
        assertThat(waits.get(1_700)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void callRateCeilingHoldsWhateverTheQuotaIs() {
        CallRateCeiling ceiling = new CallRateCeiling(2);
        int entered = 0;
        for (int i = 0; i < 1_000; i++) {
            entered += ceiling.enter() ? 1 : 0;
        }

        assertThat(entered).isLessThanOrEqualTo(2);
        assertThat(ceiling.interval()).isEqualTo(Duration.ofMillis(500));
    }

    private interface Reply {
        ModelReply to(ModelRequest request);
    }

    private GuardedModel model(ProviderLimits limits, Reply reply) {
        Deployment deployment = Deployments.named(MODEL).with(limits);
        DeploymentGuard guard =
                new DeploymentGuard(
                        deployment,
                        (request, _) -> {
                            asked.incrementAndGet();
                            return CallResult.of(reply.to(request));
                        },
                        time);
        return new GuardedModel(
                List.of(guard), RetryPolicy.DEFAULT, Clocks.both(time), time, CallObserver.NONE);
    }

    private void ask(GuardedModel model, String id, Duration arrival) {
        AnalysisTask task =
                new AnalysisTask(
                        id,
                        id,
                        Priority.INTERACTIVE,
                        START.plus(Duration.ofHours(24)),
                        new Cost(BigDecimal.ONE),
                        List.of(GuardedModelFixture.price(MODEL)),
                        CallJournal.NONE);
        try {
            time.until(START.plus(arrival));
            Outcome outcome = model.ask(request(id), Call.Purpose.ANALYSIS, new JobBudget(task));
            took.put(id, Duration.between(START.plus(arrival), time.instant()));
            outcomes.put(id, outcome);
        } catch (InterruptedException e) {
            throw new IllegalStateException("these jobs are not cancelled", e);
        }
    }

    private static ModelRequest request(String content) {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, content)),
                new AnswerSpec(
                        content.startsWith("bad") ? "bad" : "any",
                        JsonMapper.shared().createObjectNode(),
                        100,
                        Optional.empty()));
    }

    private static String content(ModelRequest request) {
        return request.messages().getFirst().text();
    }

    private static ModelReply throttled(Optional<Duration> retryAfter) {
        return new ModelReply.Throttled(429, "HTTP 429", retryAfter);
    }

    private static ModelReply answer() {
        return new ModelReply.Answered(
                "{}", FinishReason.STOP, Optional.of(ScriptedModel.USAGE), "r", RateLimits.NONE);
    }
}
