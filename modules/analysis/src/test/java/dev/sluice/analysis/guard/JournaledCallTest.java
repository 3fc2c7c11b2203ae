package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.GuardedModel.GaveUp;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Calls and their journal entries. */
class JournaledCallTest extends GuardedModelFixture {
    @Test
    void everyCallIsRecordedBeforeItIsSentAndAfterItEnds() throws InterruptedException {
        first.thenFail(1).thenAnswer("{}");
        first.whenAsked(() -> journal.note("sent"));

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(journal.entries())
                .containsExactly(
                        "starting 1 UNCONFIRMED",
                        "sent",
                        "ended 1 UNAVAILABLE",
                        "rest",
                        "resume",
                        "starting 2 UNCONFIRMED",
                        "sent",
                        "ended 2 ANSWERED");
    }

    @Test
    void callsOfEarlierExecutionsCountForTheCapAndTheAttempts() throws InterruptedException {
        first.thenAnswer("{}");
        journal.before(2, new Cost(new BigDecimal("0.5")));

        JobBudget budget = budget(FIRST);
        assertThat(ask(List.of(firstGuard), budget)).isInstanceOf(Replied.class);
        assertThat(budget.calls().getFirst().attempt()).isEqualTo(3);

        journal.before(2, new Cost(BigDecimal.ONE));
        assertThat(ask(List.of(firstGuard), budget(FIRST)))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.CapExhausted.class));
    }

    @Test
    void cancelledCallIsBookedAsLostAndSaysNothingOfTheDeployment() {
        for (int i = 0; i < 50; i++) {
            first.thenCancel();
            JobBudget budget = budget(FIRST);
            assertThatThrownBy(() -> ask(List.of(firstGuard), budget))
                    .isInstanceOf(InterruptedException.class);
            assertThat(budget.calls()).hasSize(1);
            now = now.plusSeconds(1);
        }

        assertThat(journal.entries()).endsWith("starting 1 UNCONFIRMED", "ended 1 UNCONFIRMED");
        assertThat(firstGuard.heldBack()).isEmpty();
    }

    @Test
    void callRecordedSlowlyIsClearedAgainBeforeItIsSent() throws InterruptedException {
        first.thenAnswer("{}");
        journal.whenStarting(() -> now = now.plusSeconds(120));

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(journal.entries()).containsExactly("starting 1 UNCONFIRMED", "ended 1 ANSWERED");
    }

    @Test
    void callThatIsNotClearedAgainIsWithdrawnAndWaits() throws InterruptedException {
        first.thenAnswer("{}");
        journal.whenStarting(() -> {
            now = now.plusSeconds(120);
            throttleFirst(Duration.ofSeconds(7));
        });

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(journal.entries())
                .containsExactly(
                        "starting 1 UNCONFIRMED",
                        "withdrawn 1",
                        "rest",
                        "resume",
                        "starting 1 UNCONFIRMED",
                        "ended 1 ANSWERED");
    }

    @Test
    void callRecordedAfterTheDeadlineIsNotSent() throws InterruptedException {
        journal.whenStarting(() -> now = now.plusSeconds(120));

        assertThat(ask(List.of(firstGuard), budget(START.plusSeconds(60), FIRST)))
                .isInstanceOfSatisfying(
                        GaveUp.class,
                        gaveUp ->
                                assertThat(gaveUp.failure())
                                        .isInstanceOf(Failure.DeadlineExceeded.class));

        assertThat(first.requests()).isEmpty();
        assertThat(journal.entries()).containsExactly("starting 1 UNCONFIRMED", "withdrawn 1");
    }

    @Test
    void jobThatWaitsForQuotaReleasesItsSlot() throws InterruptedException {
        first.thenAnswer("{}").thenAnswer("{}");
        DeploymentGuard oneAMinute =
                new DeploymentGuard(
                        Deployments.named(FIRST)
                                .with(ProviderLimits.unknown().with(Limit.REQUESTS, 1)),
                        first,
                        () -> now);

        assertThat(ask(List.of(oneAMinute), budget(FIRST))).isInstanceOf(Replied.class);
        assertThat(ask(List.of(oneAMinute), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(waited).containsOnlyKeys("QUOTA");
        assertThat(journal.entries())
                .endsWith("rest", "resume", "starting 1 UNCONFIRMED", "ended 1 ANSWERED");
    }

    @Test
    void callThatMayBeRecordedIsNotSentUnderItsId() throws InterruptedException {
        first.thenAnswer("{}");
        journal.loseNextStart();

        assertThat(ask(List.of(firstGuard), budget(FIRST))).isInstanceOf(Replied.class);

        assertThat(first.requests()).hasSize(1);
        assertThat(journal.callIds()).doesNotHaveDuplicates().hasSize(2);
    }

    /** Lets the provider throttle another call. */
    private void throttleFirst(Duration wait) {
        Clearance clearance = firstGuard.clear(request(), price(FIRST));
        assertThat(clearance)
                .isInstanceOfSatisfying(
                        Clearance.Cleared.class,
                        cleared -> {
                            var _ =
                                    cleared.permit()
                                            .release(
                                                    new ModelReply.Throttled(
                                                            429, "later", Optional.of(wait)),
                                                    false,
                                                    true);
                        });
    }
}
