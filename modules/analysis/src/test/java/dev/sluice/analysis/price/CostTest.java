package dev.sluice.analysis.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CostTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
    private static final BigDecimal MILLION = new BigDecimal(1_000_000);

    @Test
    void billionthsOfAUsdAreExact() {
        assertThat(Cost.ofBillionths(1_000_000_007))
                .isEqualTo(new Cost(new BigDecimal("1.000000007")));
        assertThat(new Cost(new BigDecimal("1.000000007")).billionths()).isEqualTo(1_000_000_007);
    }

    @Test
    void smallerAndLargerOfTwoCosts() {
        Cost small = Cost.ofBillionths(1);
        Cost large = Cost.ofBillionths(2);

        assertThat(small.min(large)).isEqualTo(small);
        assertThat(large.min(small)).isEqualTo(small);
        assertThat(small.max(large)).isEqualTo(large);
        assertThat(large.max(small)).isEqualTo(large);
    }

    @Test
    void partIsRoundedDownToABillionth() {
        assertThat(Cost.ofBillionths(11).part(4)).isEqualTo(Cost.ofBillionths(2));
        assertThat(Cost.ofBillionths(12).part(4)).isEqualTo(Cost.ofBillionths(3));
    }

    @Provide
    Arbitrary<TokenUsage> usages() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 400_000),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.longs().between(0, 100_000))
                .as((input, cached, written, output) -> {
                    long fromCache = input * cached / 200;
                    long toCache = input * written / 200;
                    return new TokenUsage(input, fromCache, toCache, output, output / 2);
                });
    }

    @Provide
    Arbitrary<ModelPrice> prices() {
        return Arbitraries.of(
                PriceTable.shipped().rows().stream().map(PriceTable.Row::price).toList());
    }

    /** Independent computation: every kind of token at its own price, in whole tokens. */
    @Property(tries = 2_000)
    void costIsTheSumOverKindsOfTokensAtTheirPrices(
            @ForAll("prices") ModelPrice price, @ForAll("usages") TokenUsage usage) {
        boolean tier =
                price.longContext().isPresent()
                        && usage.input() > price.longContext().get().above();
        BigDecimal input = tier ? price.longContext().get().input() : price.input();
        BigDecimal output = tier ? price.longContext().get().output() : price.output();
        BigDecimal cached = tier ? input : price.cachedInput();
        BigDecimal write = price.cacheWrite();
        if (tier) {
            write = write.multiply(input).divide(price.input(), Cost.SCALE, RoundingMode.UP);
        }
        long plain = usage.input() - usage.cachedInput() - usage.cacheWrite();
        BigDecimal expected =
                new BigDecimal(plain)
                        .multiply(input)
                        .add(new BigDecimal(usage.cachedInput()).multiply(cached))
                        .add(new BigDecimal(usage.cacheWrite()).multiply(write))
                        .add(new BigDecimal(usage.output()).multiply(output))
                        .divide(MILLION, Cost.SCALE, RoundingMode.UP);

        assertThat(price.cost(usage).usd()).isEqualByComparingTo(expected);
    }

    /** Prices of up to three decimals make costs of at most nine: nothing is ever rounded. */
    @Property(tries = 500)
    void costsOfCallsAddUpToTheCostOfAllTheirTokens(
            @ForAll @Size(max = 20) List<@LongRange(min = 0, max = 200_000) Long> outputs) {
        ModelPrice price = price("0.4", "0.001");

        Cost sum =
                outputs.stream()
                        .map(output -> price.cost(new TokenUsage(output, 0, 0, output, 0)))
                        .reduce(Cost.ZERO, Cost::plus);

        long all = outputs.stream().mapToLong(Long::longValue).sum();
        assertThat(sum).isEqualTo(price.cost(new TokenUsage(all, 0, 0, all, 0)));
        assertThat(sum.minus(sum)).isEqualTo(Cost.ZERO);
    }

    @Property(tries = 1_000)
    void noCallCostsMoreThanItsWorstCase(
            @ForAll("prices") ModelPrice price,
            @ForAll("usages") TokenUsage usage,
            @ForAll @IntRange(max = 1_000) int spare) {
        assertThat(price.worstCost(usage.input() + spare, usage.output() + spare))
                .isGreaterThanOrEqualTo(price.cost(usage));
    }

    @Test
    void worstCaseOfALongCallIsTheTiersPrice() {
        ModelPrice large = PriceTable.shipped().find("gpt-5.5", DAY).orElseThrow();

        // 272,000 x 5, and 272,001 x 10 with 1,000 x 45
        assertThat(large.worstCost(272_000, 0).usd()).isEqualByComparingTo("1.36");
        assertThat(large.worstCost(272_001, 1_000).usd()).isEqualByComparingTo("2.76501");
    }

    @Test
    void fullyCachedInputIsNotChargedTwice() {
        ModelPrice mini = PriceTable.shipped().find("gpt-4.1-mini", DAY).orElseThrow();

        assertThat(mini.cost(new TokenUsage(1_000_000, 1_000_000, 0, 0, 0)).usd())
                .isEqualByComparingTo("0.1");
        assertThat(mini.cost(new TokenUsage(1_000, 2_000_000, 0, 0, 0)).usd())
                .as("a provider that counts wrongly is not paid less than nothing")
                .isEqualByComparingTo("0.2");
    }

    @Test
    void roundingIsUpAndOnce() {
        ModelPrice odd = price("0.0004", "0.0004");

        // 0.4 + 0.4 of the ninth decimal round up to one, not two
        assertThat(odd.cost(new TokenUsage(1, 0, 0, 1, 0)).usd())
                .isEqualByComparingTo("0.000000001");
        assertThat(odd.cost(TokenUsage.NONE)).isEqualTo(Cost.ZERO);
    }

    @Test
    void costsCompareAndShowAsPlainDecimals() {
        Cost cent = new Cost(new BigDecimal("0.01"));
        assertThat(cent).isGreaterThan(Cost.ZERO).isLessThan(cent.plus(cent));
        assertThat(cent.compareTo(new Cost(new BigDecimal("0.010")))).isZero();
        assertThat(cent.minus(Cost.ZERO)).hasToString("0.010000000");
        assertThat(new Cost(new BigDecimal("1E-9"))).hasToString("0.000000001");
    }

    @Test
    void usagesAddUpByKind() {
        TokenUsage sum = new TokenUsage(1, 2, 3, 4, 5).plus(new TokenUsage(10, 20, 30, 40, 50));

        assertThat(sum).isEqualTo(new TokenUsage(11, 22, 33, 44, 55));
        for (int kind = 0; kind < 5; kind++) {
            long[] counts = new long[5];
            counts[kind] = -1;
            assertThatThrownBy(() ->
                            new TokenUsage(counts[0], counts[1], counts[2], counts[3], counts[4]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static ModelPrice price(String input, String output) {
        return new ModelPrice(
                "m",
                new BigDecimal(input),
                new BigDecimal(input),
                new BigDecimal(input),
                new BigDecimal(output),
                Optional.empty(),
                DAY);
    }
}
