package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.model.ServiceTier;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A call is priced at the tier that served it, or booked as unconfirmed. */
class ServiceTierTest extends GuardedModelFixture {
    private static final Cost STANDARD = price(1).cost(ScriptedModel.USAGE);
    private static final Cost PRIORITY = price(3).cost(ScriptedModel.USAGE);

    @ParameterizedTest
    @CsvSource({
        // requested, served, region, priced as
        "'', '', '', standard",
        "'', default, '', standard",
        "default, '', '', standard",
        "default, default, '', standard",
        "standard_only, standard, '', standard",
        "standard_only, standard, global, standard",
        "standard_only, standard, not_available, standard",
        "priority, priority, '', priority",
        "priority, '', '', priority",
        "priority, default, '', standard",
        "default, priority, '', priority",
        "'', priority, '', priority",
        "default, flex, '', unconfirmed",
        "standard_only, standard, us, unconfirmed",
        "priority, flex, '', unconfirmed",
    })
    void callIsPricedAsItWasServed(String requested, String served, String region, String expected)
            throws InterruptedException {
        Deployment plain = Deployments.named(FIRST);
        Deployment deployment =
                requested.isEmpty()
                        ? plain
                        : new Deployment(
                                plain.model(),
                                plain.name(),
                                plain.modelId(),
                                plain.traits(),
                                plain.endpoint().with(new ServiceTier(requested)),
                                plain.limits());
        JobBudget budget =
                new JobBudget(
                        new AnalysisTask(
                                "r-1",
                                "content",
                                Priority.INTERACTIVE,
                                START.plusSeconds(3_600),
                                new Cost(BigDecimal.ONE),
                                List.of(price(FIRST, 1), price(FIRST + "/priority", 3)),
                                journal));
        DeploymentGuard guard =
                new DeploymentGuard(
                        deployment,
                        (_, _) ->
                                new CallResult(
                                        answer(), new ReplyFacts("id", "other", served, region)),
                        () -> now);
        GuardedModel model =
                new GuardedModel(
                        List.of(guard),
                        RetryPolicy.DEFAULT,
                        Clocks.both(() -> now),
                        until -> now = until.isAfter(now) ? until : now,
                        CallObserver.NONE);

        var _ = model.ask(request(), Call.Purpose.ANALYSIS, budget);

        Call call = budget.calls().getFirst();
        switch (expected) {
            case "standard" -> assertThat(call.cost()).isEqualTo(STANDARD);
            case "priority" -> assertThat(call.cost()).isEqualTo(PRIORITY);
            default -> assertThat(call.cost()).isGreaterThan(STANDARD);
        }
        assertThat(call.ending().status())
                .isEqualTo(
                        expected.equals("unconfirmed")
                                ? Call.Status.UNCONFIRMED
                                : Call.Status.ANSWERED);
        assertThat(call.usage()).isEqualTo(ScriptedModel.USAGE);
        assertThat(call.isServedByAnother()).isTrue();
    }

    private static ModelReply answer() {
        return new ModelReply.Answered(
                "{}", FinishReason.STOP, Optional.of(ScriptedModel.USAGE), "r", RateLimits.NONE);
    }

    private static ModelPrice price(int times) {
        return price(FIRST, times);
    }

    private static ModelPrice price(String id, int times) {
        BigDecimal usd = BigDecimal.valueOf(times);
        return new ModelPrice(id, usd, usd, usd, usd, Optional.empty(), LocalDate.EPOCH);
    }
}
