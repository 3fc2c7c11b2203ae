package dev.sluice.analysis.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.Violation;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.prompt.Message;
import dev.sluice.analysis.prompt.PromptWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class PriceTest {
    private static final ContentSize THOUSAND = new ContentSize(1_000, 0);
    private static final TokenCounter UNKNOWN = TokenCounter.of(List.of(ModelTraits.UNKNOWN));
    private static final TokenCounter MINI = TokenCounter.ofIds(List.of("gpt-4.1-mini"));
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
    void unknownModelHasNoPriceRatherThanNone() {
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

    @Test
    void capIsBoundedByTheContentsSizeAndByTheLimit() {
        AnalysisDefinition ticket =
                AnalysisCatalog.load(Optional.empty()).find("support-ticket").orElseThrow();
        ModelPrice perToken = mini("1", "0");
        CapEstimate estimate = new CapEstimate(ticket, UNKNOWN);

        Cost ofNothing = estimate.cap(new ContentSize(0, 0), List.of(perToken));
        // Two calls and three spare ones, each with 1,000 bytes more, at 1 USD per million
        assertThat(estimate.cap(THOUSAND, List.of(perToken)).minus(ofNothing).usd())
                .isEqualByComparingTo("0.005");
        assertThat(
                        estimate.cap(new ContentSize(1_000, 1_000), List.of(perToken))
                                .minus(ofNothing)
                                .usd())
                .as("each character may be shown as four bytes")
                .isEqualByComparingTo("0.020");
        ContentSize limit =
                new ContentSize(ticket.input().maxCharacters(), ticket.input().maxCharacters());
        assertThat(estimate.cap(new ContentSize(1L << 40, 1L << 40), List.of(perToken)))
                .isEqualTo(estimate.cap(limit, List.of(perToken)));
        assertThat(estimate.cap(THOUSAND, List.of(perToken, mini("3", "1"))))
                .as("the priciest of the models counts")
                .isEqualTo(estimate.cap(THOUSAND, List.of(mini("3", "1"))));
        assertThatThrownBy(() -> estimate.cap(THOUSAND, List.of()))
                .hasMessageContaining("needs a price");
    }

    private static ModelPrice mini(String input, String output) {
        return new ModelPrice(
                "m",
                new BigDecimal(input),
                new BigDecimal(input),
                new BigDecimal(input),
                new BigDecimal(output),
                Optional.empty(),
                DAY);
    }

    /** Neither the first nor the repair call may cost more than was reserved for it. */
    @Property(tries = 100)
    void capCoversEveryCallItPermits(
            @ForAll @StringLength(max = 12_000) String content, @ForAll boolean exact) {
        TokenCounter tokens = exact ? MINI : UNKNOWN;
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        ModelPrice price = prices.find("gpt-4.1-mini", DAY).orElseThrow();
        PromptWriter prompts = new PromptWriter(seo, tokens);
        InputPreparer inputs = new InputPreparer(seo.input(), tokens);
        List<Message> first = prompts.ask(inputs.prepare(content));
        List<Message> repair =
                prompts.repair(
                        first,
                        "é".repeat(50_000),
                        Collections.nCopies(99, new Violation("/x", "r", "日".repeat(999))));

        Cost once = worst(prompts.request(first), price);
        Cost both = once.plus(worst(prompts.request(repair), price));

        CapEstimate estimate = new CapEstimate(seo, tokens);
        assertThat(estimate.oneCall(ContentSize.of(content), List.of(price)))
                .isGreaterThanOrEqualTo(once);
        assertThat(estimate.cap(ContentSize.of(content), List.of(price)))
                .isGreaterThanOrEqualTo(both);
    }

    /** What the provider adds to the texts is left, and little of it is needed for them. */
    @Property(tries = 100)
    void boundOfACallIsNotBelowItsTokens(
            @ForAll @StringLength(max = 12_000) String content, @ForAll boolean exact) {
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        TokenCounter tokens = exact ? MINI : UNKNOWN;
        PromptWriter prompts = new PromptWriter(seo, tokens);
        List<Message> messages =
                prompts.ask(new InputPreparer(seo.input(), tokens).prepare(content));
        int counted = MINI.count(seo.output().schema().tree().toString());
        for (Message message : messages) {
            counted += MINI.count(message.text());
        }

        assertThat(prompts.request(messages).maxInputTokens())
                .isGreaterThanOrEqualTo(counted + 1_000L);
    }

    @Test
    void callIsBoundedByTokensWhereTheyCanBeCounted() {
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        ModelPrice perToken = mini("1", "0");
        ContentSize whole = ContentSize.of("<p>" + "wort ".repeat(5_000));

        Cost counted = new CapEstimate(seo, MINI).oneCall(whole, List.of(perToken));
        Cost unknown = new CapEstimate(seo, UNKNOWN).oneCall(whole, List.of(perToken));

        int fixed = 2_000 + 1_024;
        assertThat(counted.usd())
                .as("instructions and schema by their tokens, content by the limit of its tokens")
                .isBetween(
                        usd(seo.input().maxTokens().orElseThrow()),
                        usd(seo.input().maxTokens().orElseThrow() + fixed));
        assertThat(unknown.usd())
                .as("all by their bytes")
                .isGreaterThan(usd(seo.input().maxCharacters() + 2 * fixed));
    }

    private static BigDecimal usd(int millionths) {
        return BigDecimal.valueOf(millionths, 6);
    }

    private static Cost worst(ModelRequest request, ModelPrice price) {
        return price.worstCost(request.maxInputTokens(), request.maxOutputTokens());
    }
}
