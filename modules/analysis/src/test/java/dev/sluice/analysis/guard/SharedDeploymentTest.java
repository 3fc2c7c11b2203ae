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
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Jobs of several analyses in the queue of the same deployment. */
class SharedDeploymentTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final String FIRST = "gpt-4.1-mini";
    private static final String FALLBACK = "gpt-4o-mini";

    private final VirtualTime time = new VirtualTime(START);
    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Map<String, Duration> took = new ConcurrentHashMap<>();

    @Test
    void jobThatAProviderNeverAcceptsDoesNotBlockOthers() throws InterruptedException {
        DeploymentGuard guard =
                guard(FIRST, request -> content(request).equals("poison") ? forbidden() : answer());
        GuardedModel model = model(guard);
        List<Runnable> jobs = new ArrayList<>();
        jobs.add(() -> ask(model, "poison", Duration.ZERO));
        for (int i = 1; i <= 100; i++) {
            Duration arrival = Duration.ofMinutes(i);
            jobs.add(() -> ask(model, "good " + arrival, arrival));
        }

        time.run(jobs);

        assertThat(outcomes.remove("poison"))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.RetriesExhausted.class));
        assertThat(outcomes).hasSize(100);
        assertThat(outcomes.values()).allMatch(Replied.class::isInstance);
        assertThat(took.values().stream().max(Duration::compareTo).orElseThrow())
                .isLessThan(Duration.ofMinutes(100));
        took.remove("poison");
        assertThat(took.values()).allMatch(wait -> wait.compareTo(Duration.ofMinutes(5)) < 0);
    }

    @Test
    void jobWithAFallbackUsesItEvenIfTheJobBeforeHasNone() throws InterruptedException {
        Instant mended = START.plus(Duration.ofMinutes(20));
        DeploymentGuard first =
                guard(FIRST, _ -> time.instant().isBefore(mended) ? forbidden() : answer());
        DeploymentGuard fallback = guard(FALLBACK, _ -> answer());
        GuardedModel alone = model(first);
        GuardedModel both = model(first, fallback);
        List<Runnable> jobs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String id = "alone " + i;
            jobs.add(() -> ask(alone, id, Duration.ofMillis(1)));
        }
        for (int i = 0; i < 50; i++) {
            String id = "both " + i;
            jobs.add(() -> ask(both, id, Duration.ofSeconds(5)));
        }

        time.run(jobs);

        assertThat(outcomes).hasSize(55);
        assertThat(outcomes.values()).allMatch(Replied.class::isInstance);
        took.forEach((id, wait) -> {
            if (id.startsWith("both")) {
                assertThat(wait).isLessThan(Duration.ofSeconds(1));
            } else {
                assertThat(wait).isBetween(Duration.ofMinutes(19), Duration.ofMinutes(31));
            }
        });
        assertThat(first.waiting()).isZero();
    }

    private interface Reply {
        ModelReply to(ModelRequest request);
    }

    private DeploymentGuard guard(String modelId, Reply reply) {
        return new DeploymentGuard(
                Deployments.named(modelId), (request, _) -> CallResult.of(reply.to(request)), time);
    }

    private GuardedModel model(DeploymentGuard... guards) {
        return new GuardedModel(
                List.of(guards), RetryPolicy.DEFAULT, Clocks.both(time), time, CallObserver.NONE);
    }

    private void ask(GuardedModel model, String id, Duration arrival) {
        AnalysisTask task =
                new AnalysisTask(
                        id,
                        id,
                        Priority.INTERACTIVE,
                        START.plus(Duration.ofHours(24)),
                        new Cost(BigDecimal.ONE),
                        Stream.of(FIRST, FALLBACK).map(GuardedModelFixture::price).toList(),
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
                        "any", JsonMapper.shared().createObjectNode(), 100, Optional.empty()));
    }

    private static String content(ModelRequest request) {
        return request.messages().getFirst().text();
    }

    private static ModelReply forbidden() {
        return new ModelReply.Blocked(403, "HTTP 403", Optional.empty());
    }

    private static ModelReply answer() {
        return new ModelReply.Answered(
                "{}", FinishReason.STOP, Optional.of(ScriptedModel.USAGE), "r", RateLimits.NONE);
    }
}
