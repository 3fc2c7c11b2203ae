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
 * The most an analysis can cost: what admission reserves. Worked out from the definition's limits
 * and the content's size, without reducing the content.
 */
public final class CapEstimate {
    /** Calls that may be lost with their worker before a job has to end for want of money. */
    private static final int SPARE_CALLS = 3;

    private final AnalysisDefinition definition;
    private final TokenCounter tokens;
    private final long fixedTokens;

    /**
     * @param tokens counts for the models that may answer
     */
    public CapEstimate(AnalysisDefinition definition, TokenCounter tokens) {
        this.definition = definition;
        this.tokens = tokens;
        PreparedInput empty = new PreparedInput("", 0, Integer.MAX_VALUE, Integer.MAX_VALUE - 1);
        PromptWriter prompts = new PromptWriter(definition, tokens);
        this.fixedTokens = prompts.request(prompts.ask(empty)).maxInputTokens();
    }

    /**
     * The most that the first call can cost: with less there is no use in beginning.
     *
     * @param content as submitted
     * @param prices of the model and its fallbacks; the priciest counts
     */
    public Cost oneCall(ContentSize content, List<ModelPrice> prices) {
        return worst(prices, fixedTokens + shown(content), definition.output().maxTokens());
    }

    /**
     * The cap for content of this size.
     *
     * @param content as submitted
     * @param prices of the model and its fallbacks; the priciest counts for every call
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

    /** The most tokens that what is shown of the content can have. */
    private long shown(ContentSize content) {
        return tokens.bound(
                definition.input().maxShownBytes(content), definition.input().maxTokens());
    }

    private static Cost worst(List<ModelPrice> prices, long inputTokens, long outputTokens) {
        if (prices.isEmpty()) {
            throw new IllegalArgumentException("a cap needs a price");
        }
        Cost worst = Cost.ZERO;
        for (ModelPrice price : prices) {
            Cost cost = price.worstCost(inputTokens, outputTokens);
            worst = cost.compareTo(worst) > 0 ? cost : worst;
        }
        return worst;
    }
}
