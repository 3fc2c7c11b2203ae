package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
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

class CapEstimateTest {
    private static final ContentSize THOUSAND = new ContentSize(1_000, 0);
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
    private static final TokenCounter UNKNOWN = TokenCounter.of(List.of(ModelTraits.UNKNOWN));
    private static final TokenCounter MINI = TokenCounter.ofIds(List.of("gpt-4.1-mini"));

    private final PriceTable prices = PriceTable.shipped();

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
                .hasMessageContaining("needs at least one price");
    }

    /** Neither the first call nor the repair call may cost more than was reserved for it. */
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

    /** The allowance for what the provider adds to the texts stays nearly unused by the texts. */
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
    void callIsBoundedByTokensIfTheyCanBeCounted() {
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
}
