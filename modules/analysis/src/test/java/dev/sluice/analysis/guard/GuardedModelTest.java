package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Booking of calls and learning from their answers. */
class GuardedModelTest extends GuardedModelFixture {
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
    void limitsReportedByTheProviderAreKept() throws InterruptedException {
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

        first.then(
                new ModelReply.Answered(
                        "{}", FinishReason.STOP, Optional.empty(), "r", RateLimits.NONE));
        assertThat(ask(budget(FIRST))).isInstanceOf(Replied.class);
        assertThat(firstGuard.quota().said()).as("an answer without limits").isEqualTo(said);
    }

    @Test
    void callThatEndsInABugIsBooked() {
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
}
