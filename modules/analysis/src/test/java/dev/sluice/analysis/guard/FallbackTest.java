package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.price.Cost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several deployments of a model, and its fallbacks. */
class FallbackTest extends GuardedModelFixture {
    @Test
    void fallbackIsCalledAfterAFailureAndChargedAtItsOwnPrice() throws InterruptedException {
        first.thenFail(1);
        fallback.thenAnswer("{}");
        JobBudget budget = budget(FIRST, FALLBACK);

        assertThat(ask(budget)).isInstanceOf(Replied.class);

        Call answered = budget.calls().getLast();
        assertThat(answered.deployment().modelId()).isEqualTo(FALLBACK);
        // 1,000 x 0.15 + 100 x 0.6, per million
        assertThat(answered.cost().usd()).isEqualByComparingTo("0.00021");
        assertThat(budget.calls().getFirst().cost()).isEqualTo(Cost.ZERO);
    }

    @Test
    void nextJobPrefersTheModelAgain() throws InterruptedException {
        first.thenFail(1).thenAnswer("{}");
        fallback.thenAnswer("{}");
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);

        JobBudget next = budget(FIRST, FALLBACK);
        assertThat(ask(next)).isInstanceOf(Replied.class);
        assertThat(next.calls().getFirst().deployment().modelId()).isEqualTo(FIRST);
    }

    @Test
    void modelWithoutAPriceInTheReservationIsNeverCalled() throws InterruptedException {
        fallback.thenAnswer("{}");
        JobBudget onlyFallback = budget(FALLBACK);
        assertThat(ask(onlyFallback)).isInstanceOf(Replied.class);
        assertThat(first.requests()).isEmpty();

        assertThat(ask(budget("gpt-5")))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isEqualTo(
                                                new Failure.UnpricedModel(
                                                        "the reservation has no price of "
                                                                + FIRST)));
    }

    @Test
    void cheaperFallbackIsCalledIfTheCapDoesNotCoverTheModel() throws InterruptedException {
        fallback.thenAnswer("{}");
        Cost cap =
                price(FALLBACK).worstCost(request().maxInputTokens(), request().maxOutputTokens());

        assertThat(ask(budget(cap, FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(first.requests()).isEmpty();
    }

    @Test
    void pausedDeploymentReportsItsReasonAndTheFallbackTakesOver() throws InterruptedException {
        first.then(badKey());
        fallback.thenAnswer("{}").thenAnswer("{}");
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);

        assertThat(first.requests()).hasSize(1);
        assertThat(now).as("no wait").isBefore(START.plusMillis(10));
        assertThat(firstGuard.heldBack().orElseThrow()).contains("HTTP 401");
        assertThat(firstGuard.trouble()).contains(FIRST + "/openai: HTTP 401");
        assertThat(DeploymentGuard.trouble(List.of(fallbackGuard, firstGuard)).orElseThrow())
                .contains("HTTP 401");
        assertThat(fallbackGuard.trouble()).isEmpty();
    }

    @Test
    void modelNeedsAttentionIfNoDeploymentTakesCallsForLong() throws InterruptedException {
        first.then(busy(Duration.ofSeconds(20))).then(busy(Duration.ofSeconds(45)));
        fallback.thenAnswer("{}").thenAnswer("{}");

        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(DeploymentGuard.trouble(List.of(firstGuard))).as("it soon does").isEmpty();
        now = now.plusSeconds(21);
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);

        assertThat(first.requests()).hasSize(2);
        assertThat(DeploymentGuard.trouble(List.of(firstGuard)).orElseThrow())
                .contains("is paused until");
        assertThat(DeploymentGuard.trouble(List.of(firstGuard, fallbackGuard))).isEmpty();
    }

    @Test
    void requestThatIsTooLargeForOneDeploymentGoesToTheNext() throws InterruptedException {
        ModelReply tooLarge =
                new ModelReply.Rejected(429, "Request too large", ModelReply.Because.LIMITS);
        first.then(tooLarge).then(tooLarge);
        fallback.thenAnswer("{}");

        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(ask(List.of(firstGuard), budget(FIRST)))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.RejectedByProvider.class));
    }

    @Test
    void outageOfManyDeploymentsEndsNoJob() throws InterruptedException {
        List<DeploymentGuard> guards = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ScriptedModel down = new ScriptedModel().thenFail(2).thenAnswer("{}");
            guards.add(
                    new DeploymentGuard(
                            new Deployment(
                                    FIRST,
                                    "d" + i,
                                    FIRST,
                                    Deployments.named(FIRST).traits(),
                                    Deployments.named(FIRST).endpoint(),
                                    Deployments.named(FIRST).limits()),
                            down,
                            () -> now));
        }

        assertThat(ask(guards, budget(FIRST))).isInstanceOf(Replied.class);
    }
}
