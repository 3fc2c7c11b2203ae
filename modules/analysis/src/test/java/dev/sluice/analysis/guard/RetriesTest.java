package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Outcome;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.Deployments;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Retries: which jobs wait, for how long, and when they give up. */
class RetriesTest extends GuardedModelFixture {
    @Test
    void badKeyCostsOneCallAMinuteAndNoJob() throws InterruptedException {
        first.then(badKey()).then(badKey()).thenAnswer("{}");
        JobBudget budget = budget(FIRST);

        Outcome outcome = ask(List.of(firstGuard), budget);

        assertThat(outcome).isInstanceOf(Replied.class);
        assertThat(budget.calls())
                .extracting(call -> call.ending().status())
                .containsExactly(Call.Status.BLOCKED, Call.Status.BLOCKED, Call.Status.ANSWERED);
        assertThat(now).isBetween(START.plusSeconds(180), START.plusSeconds(183));
        assertThat(waited).containsOnlyKeys("PAUSED", "QUOTA");
        assertThat(firstGuard.heldBack()).isEmpty();
    }

    @Test
    void jobRejectedWhileOthersAreAnsweredPausesNothing() {
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
                        cleared -> {
                            var _ = cleared.permit().release(badKey(), othersAnswered, true);
                        });
    }

    @Test
    void overloadedProviderIsNotCalledForTheRequestedTime() throws InterruptedException {
        first.then(busy(Duration.ofSeconds(45))).thenAnswer("{}");

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);
        assertThat(now).isBetween(START.plusSeconds(45), START.plusSeconds(46));
    }

    @Test
    void clockThatIsSetBackHoldsUpNoCall() throws InterruptedException {
        SteadyClock passing = new SteadyClock();
        Instant begin = passing.instant();
        Duration[] slept = {Duration.ZERO};
        InstantSource steady = () -> passing.instant().plus(slept[0]);
        ScriptedModel model = new ScriptedModel();
        DeploymentGuard guard = new DeploymentGuard(Deployments.named(FIRST), model, steady);
        GuardedModel guarded =
                new GuardedModel(
                        List.of(guard),
                        RetryPolicy.DEFAULT,
                        new Clocks(() -> now, steady),
                        until -> {
                            Duration time = Duration.between(steady.instant(), until);
                            slept[0] = slept[0].plus(time);
                            now = now.plus(time);
                        },
                        CallObserver.NONE);
        model.then(busy(Duration.ofSeconds(5))).thenAnswer("{}").thenAnswer("{}");
        model.whenAsked(() -> now = now.minus(Duration.ofHours(2)));

        for (int i = 0; i < 2; i++) {
            assertThat(guarded.ask(request(), Call.Purpose.ANALYSIS, budget(FIRST)))
                    .isInstanceOf(Replied.class);
        }

        assertThat(Duration.between(begin, passing.instant()).plus(slept[0]))
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(30));
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
    void waitIsUniformBetweenZeroAndItsBound(
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
    void noWaitExceedsTheDeadline() throws InterruptedException {
        first.then(badKey());

        assertThat(ask(List.of(firstGuard), budget(START.plusSeconds(20), FIRST)))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.DeadlineExceeded.class));
        assertThat(now).isEqualTo(START.plusSeconds(20));
    }
}
