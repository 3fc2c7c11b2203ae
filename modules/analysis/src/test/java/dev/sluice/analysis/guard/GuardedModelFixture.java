package dev.sluice.analysis.guard;

import dev.sluice.analysis.FakeJournal;
import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.guard.GuardedModel.Outcome;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** A model and its fallback behind their guards, on a manual clock. */
abstract class GuardedModelFixture {
    static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    static final String FIRST = "gpt-4.1-mini";
    static final String FALLBACK = "gpt-4o-mini";

    Instant now = START;
    final ScriptedModel first = new ScriptedModel();
    final ScriptedModel fallback = new ScriptedModel();
    final Map<String, Duration> waited = new HashMap<>();
    final List<Duration> backoffs = new ArrayList<>();
    final DeploymentGuard firstGuard = guard(FIRST, first);
    final DeploymentGuard fallbackGuard = guard(FALLBACK, fallback);
    final FakeJournal journal = new FakeJournal();

    Outcome ask(JobBudget budget) throws InterruptedException {
        return ask(List.of(firstGuard, fallbackGuard), budget);
    }

    Outcome ask(List<DeploymentGuard> guards, JobBudget budget) throws InterruptedException {
        CallObserver observer =
                new CallObserver() {
                    @Override
                    public void called(String analysis, Call call) {}

                    @Override
                    public void waited(String model, String reason, Duration time) {
                        waited.merge(reason, time, Duration::plus);
                        if (reason.equals("BACKOFF")) {
                            backoffs.add(time);
                        }
                    }
                };
        GuardedModel model =
                new GuardedModel(
                        guards,
                        RetryPolicy.DEFAULT,
                        Clocks.both(() -> now),
                        until -> now = until.isAfter(now) ? until : now,
                        observer);
        return model.ask(request(), Call.Purpose.ANALYSIS, budget);
    }

    DeploymentGuard guard(String modelId, ScriptedModel model) {
        return new DeploymentGuard(Deployments.named(modelId), model, () -> now);
    }

    static ModelRequest request() {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "x")),
                new AnswerSpec(
                        "any", JsonMapper.shared().createObjectNode(), 100, Optional.empty()));
    }

    static ModelPrice price(String modelId) {
        return PriceTable.shipped().find(modelId, LocalDate.of(2026, 11, 23)).orElseThrow();
    }

    JobBudget budget(String... modelIds) {
        return budget(START.plus(Duration.ofHours(1)), new Cost(BigDecimal.ONE), modelIds);
    }

    JobBudget budget(Cost cap, String... modelIds) {
        return budget(START.plus(Duration.ofHours(1)), cap, modelIds);
    }

    JobBudget budget(Instant deadline, String... modelIds) {
        return budget(deadline, new Cost(BigDecimal.ONE), modelIds);
    }

    JobBudget budget(Instant deadline, Cost cap, String... modelIds) {
        return new JobBudget(
                new AnalysisTask(
                        "r-1",
                        "content",
                        Priority.INTERACTIVE,
                        deadline,
                        cap,
                        Stream.of(modelIds).map(GuardedModelFixture::price).toList(),
                        journal));
    }

    static ModelReply badKey() {
        return new ModelReply.Blocked(401, "HTTP 401", Optional.empty());
    }

    static ModelReply busy(Duration wait) {
        return ModelReply.Unavailable.uncharged(OptionalInt.of(503), "HTTP 503", Optional.of(wait));
    }
}
