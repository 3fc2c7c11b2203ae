package dev.sluice.analysis.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class PriceTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

    private final PriceTable prices = PriceTable.shipped();

    @Test
    void shippedTableKnowsTheModelsAndTheirKindsOfTokens() {
        ModelPrice mini = prices.find("gpt-4.1-mini", DAY).orElseThrow();

        Cost cost = mini.cost(new TokenUsage(1_000_000, 400_000, 0, 1_000_000, 0));

        // 600,000 x 0.4 + 400,000 x 0.1 + 1,000,000 x 1.6, per million
        assertThat(cost.usd()).isEqualByComparingTo("1.88");
    }

    @Test
    void longContextCallsAreChargedTheirPriceThroughout() {
        ModelPrice large = prices.find("gpt-5.5", DAY).orElseThrow();

        assertThat(large.cost(new TokenUsage(272_000, 0, 0, 0, 0)).usd())
                .isEqualByComparingTo("1.36");
        assertThat(large.cost(new TokenUsage(272_001, 0, 0, 1_000_000, 0)).usd())
                .isEqualByComparingTo("47.72001");
    }

    @Test
    void unknownModelHasNoPriceRatherThanAPriceOfZero() {
        assertThat(prices.find("made-up", DAY)).isEmpty();
        assertThat(prices.find("gpt-4.1-mini", LocalDate.of(2020, 1, 1))).isEmpty();
    }

    @Test
    void laterRowReplacesAnEarlierOneFromItsDay() {
        PriceTable table =
                PriceFile.parse(
                        """
                        prices:
                          - {model: m, from: 2026-01-01, input: 1, output: 2, source: s}
                          - {model: m, from: 2026-06-01, input: 3, output: 4, source: s}
                        """);

        assertThat(table.find("m", LocalDate.of(2026, 5, 31)).orElseThrow().input())
                .isEqualByComparingTo("1");
        assertThat(table.find("m", LocalDate.of(2026, 6, 1)).orElseThrow().input())
                .isEqualByComparingTo("3");
    }

    @Test
    void allBadRowsAreNamed() {
        assertThatThrownBy(() ->
                        PriceFile.parse(
                                """
                                prices:
                                  - {model: m, from: 2026-01-01, input: -1, output: 2, source: s}
                                  - {model: m, from: yesterday, input: 1, output: 2, source: s}
                                  - {model: m, from: 2026-01-01, input: 1, output: 2}
                                """))
                .hasMessageContaining("prices[1]: input")
                .hasMessageContaining("prices[2]")
                .hasMessageContaining("prices[3]: source");
    }

    @Test
    void ownPricesReplaceAllShippedOnesOfTheirModel() {
        PriceTable own =
                PriceFile.parse(
                        """
                        prices:
                          - {model: gpt-4.1-mini, from: 2026-12-01, input: 9, output: 9, source: s}
                          - {model: llama, provider: openai, from: 2026-01-01, input: 0, output: 0, source: s}
                        """);

        PriceTable both = prices.with(own);

        assertThat(both.find("gpt-4.1-mini", DAY)).as("not yet in force").isEmpty();
        assertThat(both.find("gpt-4.1-mini", DAY.plusDays(8)).orElseThrow().input())
                .isEqualByComparingTo("9");
        assertThat(both.find("llama", DAY)).isPresent();
        assertThat(both.find("gpt-4.1", DAY)).isEqualTo(prices.find("gpt-4.1", DAY));
        assertThat(both.rows()).hasSize(prices.rows().size() + 1);
        assertThat(both.latest()).contains(LocalDate.of(2026, 12, 1));
        assertThat(both.provider("llama")).contains("openai");
        assertThat(both.provider("gpt-4.1-mini")).as("the own row does not say").isEmpty();
        assertThat(both.provider("claude-opus-5")).contains("anthropic");
        assertThat(both.provider("made-up")).isEmpty();
    }

    @Test
    void everyShippedRowHasItsSourceAndADate() {
        assertThat(prices.rows())
                .hasSizeGreaterThan(60)
                .allSatisfy(row -> {
                    assertThat(row.source()).contains("commit of 2026-07-24");
                    assertThat(row.provider()).isIn("openai", "anthropic");
                    assertThat(row.price().effectiveFrom()).isBefore(DAY);
                });
        assertThat(prices.rows())
                .extracting(row -> row.price().modelId())
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(new PriceTable(List.of()).latest()).isEmpty();
    }
}
