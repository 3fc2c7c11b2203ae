package dev.sluice.analysis;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.prompt.PromptWriter;
import java.util.List;

/**
 * Estimate of the maximum cost of an analysis, which admission reserves. It is computed from the
 * definition's limits and the content's size, without reducing the content.
 */
public final class CapEstimate {
    /** Calls that may be lost in crashes of workers before the cap is exhausted. */
    private static final int SPARE_CALLS = 3;

    private final AnalysisDefinition definition;
    private final TokenCounter tokens;
    private final long fixedTokens;

    /**
     * @param tokens counter for the models that may answer
     */
    public CapEstimate(AnalysisDefinition definition, TokenCounter tokens) {
        this.definition = definition;
        this.tokens = tokens;
        PreparedInput empty = new PreparedInput("", 0, Integer.MAX_VALUE, Integer.MAX_VALUE - 1);
        PromptWriter prompts = new PromptWriter(definition, tokens);
        this.fixedTokens = prompts.request(prompts.ask(empty)).maxInputTokens();
    }

    /**
     * Maximum cost of the first call; a smaller cap does not allow any call.
     *
     * @param content as submitted
     * @param prices of the model and its fallbacks; the highest counts
     */
    public Cost oneCall(ContentSize content, List<ModelPrice> prices) {
        return worst(prices, fixedTokens + shown(content), definition.output().maxTokens());
    }

    /**
     * The cap for content of this size.
     *
     * @param content as submitted
     * @param prices of the model and its fallbacks; the highest counts for every call
     */
    public Cost cap(ContentSize content, List<ModelPrice> prices) {
        long shown = shown(content);
        long outputTokens = definition.output().maxTokens();
        int repairs = definition.output().repairAttempts();
        Cost cap = Cost.ZERO;
        for (int call = 0; call <= repairs + SPARE_CALLS; call++) {
            long inputTokens =
                    fixedTokens
                            + shown
                            + Math.min(call, repairs)
                                    * (long)
                                            (PromptWriter.MAX_SHOWN_ANSWER_BYTES
                                                    + PromptWriter.maxComplaintBytes());
            cap = cap.plus(worst(prices, inputTokens, outputTokens));
        }
        return cap;
    }

    /** Upper bound of the tokens of the shown content. */
    private long shown(ContentSize content) {
        return tokens.bound(
                definition.input().maxShownBytes(content), definition.input().maxTokens());
    }

    private static Cost worst(List<ModelPrice> prices, long inputTokens, long outputTokens) {
        if (prices.isEmpty()) {
            throw new IllegalArgumentException("a cap needs at least one price");
        }
        Cost worst = Cost.ZERO;
        for (ModelPrice price : prices) {
            Cost cost = price.worstCost(inputTokens, outputTokens);
            worst = cost.compareTo(worst) > 0 ? cost : worst;
        }
        return worst;
    }
}
