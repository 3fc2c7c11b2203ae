package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.Failure;
import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Outcome;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Deployments and fallbacks, waits and failures. */
class GuardedModelTest extends GuardedModelFixture {
    @Test
    void fallbackIsAskedWhenTheModelFailedAndPricedAtItsOwnPrice() throws InterruptedException {
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
    void theModelIsPreferredAgainByTheNextJob() throws InterruptedException {
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
    void cheaperFallbackIsAskedWhereTheCapDoesNotCoverTheModel() throws InterruptedException {
        fallback.thenAnswer("{}");
        Cost cap =
                price(FALLBACK).worstCost(request().maxInputTokens(), request().maxOutputTokens());

        assertThat(ask(budget(cap, FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(first.requests()).isEmpty();
    }

    @Test
    void badKeyCostsOneCallAMinuteAndNoJob() throws InterruptedException {
        first.then(badKey()).then(badKey()).thenAnswer("{}");
        JobBudget budget = budget(FIRST);

        Outcome outcome = ask(List.of(firstGuard), budget);

        assertThat(outcome).isInstanceOf(Replied.class);
        assertThat(budget.calls())
                .extracting(call -> call.ending().status())
                .containsExactly(
                        Call.Status.THROTTLED, Call.Status.THROTTLED, Call.Status.ANSWERED);
        assertThat(now).isBetween(START.plusSeconds(180), START.plusSeconds(183));
        assertThat(waited).containsOnlyKeys("PAUSED", "QUOTA");
        assertThat(firstGuard.heldBack()).isEmpty();
    }

    @Test
    void jobThatIsTurnedAwayWhileOthersAreAnsweredPausesNothing() {
        turnAway(true);
        assertThat(firstGuard.trouble()).isEmpty();

        turnAway(false);
        assertThat(firstGuard.trouble()).isPresent();
    }

    private void turnAway(boolean othersAnswered) {
        now = now.plusSeconds(1);
        assertThat(firstGuard.clear(request(), price(FIRST)))
                .isInstanceOfSatisfying(
                        Clearance.Cleared.class,
                        cleared -> cleared.permit().release(badKey(), othersAnswered));
    }

    @Test
    void pausedDeploymentSaysWhyAndTheFallbackTakesOver() throws InterruptedException {
        first.then(badKey());
        fallback.thenAnswer("{}").thenAnswer("{}");
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);
        assertThat(ask(budget(FIRST, FALLBACK))).isInstanceOf(Replied.class);

        assertThat(first.requests()).hasSize(1);
        assertThat(now).as("nobody waited").isBefore(START.plusMillis(10));
        assertThat(firstGuard.heldBack().orElseThrow()).contains("HTTP 401");
        assertThat(firstGuard.trouble()).contains(FIRST + "/openai: HTTP 401");
        assertThat(DeploymentGuard.trouble(List.of(fallbackGuard, firstGuard)).orElseThrow())
                .contains("HTTP 401");
        assertThat(fallbackGuard.trouble()).isEmpty();
    }

    @Test
    void overloadedProviderIsLeftAloneAsLongAsItAsks() throws InterruptedException {
        first.then(busy(Duration.ofSeconds(45))).thenAnswer("{}");

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);
        assertThat(now).isBetween(START.plusSeconds(45), START.plusSeconds(46));
    }

    @Test
    void modelNeedsAttentionOnceNoneOfItsDeploymentsTakesCallsForLong()
            throws InterruptedException {
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
        ModelReply tooLarge = new ModelReply.Rejected(429, "Request too large", true);
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
    void clockThatIsSetBackHoldsUpNoCall() throws InterruptedException {
        SteadyClock passing = new SteadyClock();
        Instant begin = passing.instant();
        Duration[] slept = {Duration.ZERO};
        ScriptedModel model = new ScriptedModel();
        DeploymentGuard guard =
                new DeploymentGuard(
                        Deployments.named(FIRST), model, () -> passing.instant().plus(slept[0]));
        GuardedModel guarded =
                new GuardedModel(
                        List.of(guard),
                        RetryPolicy.DEFAULT,
                        () -> now,
                        until -> {
                            slept[0] = slept[0].plus(Duration.between(now, until));
                            now = until;
                        },
                        NOBODY);
        model.then(busy(Duration.ofSeconds(5))).thenAnswer("{}").thenAnswer("{}");
        model.whenAsked(() -> now = now.minus(Duration.ofHours(2)));

        for (int i = 0; i < 2; i++) {
            assertThat(guarded.ask(request(), Call.Purpose.ANALYSIS, budget(FIRST)))
                    .isInstanceOf(Replied.class);
        }

        assertThat(Duration.between(begin, passing.instant()).plus(slept[0]))
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    private static ModelReply busy(Duration wait) {
        return new ModelReply.Unavailable(
                OptionalInt.of(503), "HTTP 503", false, Optional.of(wait));
    }

    @Test
    void backoffGrowsWithFullJitterUpToItsLimit() throws InterruptedException {
        first.thenFail(14).thenAnswer("{}");

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(backoffs).hasSize(14);
        for (int i = 0; i < 14; i++) {
            long bound = Math.min(30_000, 1_000L << Math.min(i, 10));
            assertThat(backoffs.get(i)).isBetween(Duration.ZERO, Duration.ofMillis(bound));
        }
    }

    @Property(tries = 500)
    void waitIsAnywhereBetweenZeroAndItsBound(
            @ForAll @IntRange(min = 0, max = 100) int failures, @ForAll long seed) {
        Duration wait = RetryPolicy.DEFAULT.wait(failures, new Random(seed));

        long bound = Math.min(30_000, 1_000L << Math.min(Math.max(0, failures - 1), 20));
        assertThat(wait).isBetween(Duration.ZERO, Duration.ofMillis(bound));
    }

    @Test
    void failuresCountOverAllCallsOfAJobWhileOthersAreAnswered() throws InterruptedException {
        JobBudget unlucky = budget(FIRST);
        for (int i = 0; i < 8; i++) {
            first.thenFail(1).thenAnswer("{}");
            assertThat(ask(List.of(firstGuard), unlucky)).isInstanceOf(Replied.class);
        }
        first.thenFail(1);

        assertThat(ask(List.of(firstGuard), unlucky))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.RetriesExhausted.class));
        assertThat(unlucky.calls()).hasSize(17);
    }

    @Test
    void noWaitGoesBeyondTheDeadline() throws InterruptedException {
        first.then(badKey());

        assertThat(ask(List.of(firstGuard), budget(START.plusSeconds(20), FIRST)))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.DeadlineExceeded.class));
        assertThat(now).isEqualTo(START.plusSeconds(20));
    }

    @Test
    void answerWithoutUsageIsBookedAtItsWorstCaseAsUnconfirmed() throws InterruptedException {
        first.then(
                new ModelReply.Answered(
                        "{}", FinishReason.STOP, Optional.empty(), "r-7", RateLimits.NONE));
        JobBudget budget = budget(FIRST);

        assertThat(ask(budget)).isInstanceOf(Replied.class);
        Call call = budget.calls().getFirst();
        assertThat(call.ending().status()).isEqualTo(Call.Status.UNCONFIRMED);
        assertThat(call.ending().responseId()).contains("r-7");
        assertThat(call.cost())
                .isEqualTo(
                        price(FIRST)
                                .worstCost(
                                        request().maxInputTokens(), request().maxOutputTokens()));
    }

    @Test
    void whatTheProviderSaysOfItsLimitsIsKept() throws InterruptedException {
        RateLimits said =
                new RateLimits(
                        Optional.of(new RateLimits.Window(500, 499, Optional.empty())),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        first.then(new ModelReply.Answered("{}", FinishReason.STOP, Optional.empty(), "r", said));
        assertThat(firstGuard.quota().said()).isEqualTo(RateLimits.NONE);

        assertThat(ask(budget(FIRST))).isInstanceOf(Replied.class);
        assertThat(firstGuard.quota().said()).isEqualTo(said);
    }

    @Test
    void aBugAfterTheCallWasSentStaysInTheBooks() {
        // The script is empty: the fake throws, as a bug in an adapter would.
        JobBudget budget = budget(FIRST);

        assertThatThrownBy(() -> ask(List.of(firstGuard), budget))
                .isInstanceOf(NoSuchElementException.class);
        assertThat(budget.calls())
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.ending().status()).isEqualTo(Call.Status.UNCONFIRMED);
                    assertThat(call.cost()).isGreaterThan(Cost.ZERO);
                });
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

    private static ModelReply badKey() {
        return new ModelReply.Throttled(401, "HTTP 401", true, Optional.empty());
    }
}
