package dev.sluice.evals.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpendLimitTest {
    private final SpendLimit money = new SpendLimit(Optional.of(usd("1")), Cost.ZERO);

    @Test
    void runBeginsOnlyIfItsWorstCaseFits() throws Exception {
        assertThat(money.take(usd("0.6"))).isTrue();
        money.ended(usd("0.6"), usd("0.5"));

        assertThat(money.take(usd("0.51"))).isFalse();
        assertThat(money.take(usd("0.5"))).isTrue();
    }

    @Test
    void runWaitsForWhatOthersGiveBack() throws Exception {
        assertThat(money.take(usd("0.9"))).isTrue();
        CompletableFuture<Boolean> second = taking("0.9");
        assertThat(second).isNotDone();

        money.ended(usd("0.9"), usd("0.05"));

        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void runThatWaitedInVainIsLeftOut() throws Exception {
        assertThat(money.take(usd("0.9"))).isTrue();
        CompletableFuture<Boolean> second = taking("0.9");

        money.ended(usd("0.9"), usd("0.9"));

        assertThat(second.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void whatWasSpentBeforeCounts() throws Exception {
        SpendLimit rest = new SpendLimit(Optional.of(usd("1")), usd("0.8"));

        assertThat(rest.take(usd("0.3"))).isFalse();
        assertThat(rest.take(usd("0.2"))).isTrue();
    }

    @Test
    void withoutALimitEveryRunBegins() throws Exception {
        SpendLimit none = new SpendLimit(Optional.empty(), Cost.ZERO);

        assertThat(none.take(usd("1000000"))).isTrue();
        assertThat(none.take(usd("1000000"))).isTrue();
    }

    private CompletableFuture<Boolean> taking(String amount) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return money.take(usd(amount));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Cost usd(String amount) {
        return new Cost(new BigDecimal(amount));
    }
}
