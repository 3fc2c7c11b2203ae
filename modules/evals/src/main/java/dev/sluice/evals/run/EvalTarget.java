package dev.sluice.evals.run;

import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.TimedAnalyst;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.util.List;

/** What is judged: a definition, answered by one model. Safe for use by many threads. */
public final class EvalTarget {
    private final AnalysisDefinition definition;
    private final String label;
    private final TimedAnalyst analyst;
    private final List<ModelPrice> prices;
    private final CapEstimate estimate;

    /**
     * @param definition answered by one model, without fallbacks
     * @param label what the model is called in runs and results
     * @param prices of all deployments of the model
     */
    public EvalTarget(
            AnalysisDefinition definition,
            String label,
            TimedAnalyst analyst,
            List<ModelPrice> prices) {
        this.definition = definition;
        this.label = label;
        this.analyst = analyst;
        this.prices = List.copyOf(prices);
        this.estimate =
                new CapEstimate(
                        definition,
                        TokenCounter.ofIds(prices.stream().map(ModelPrice::modelId).toList()));
    }

    /** What the model is called. */
    public String label() {
        return label;
    }

    /** The version of the analysis. */
    public String fingerprint() {
        return definition.fingerprint();
    }

    TimedAnalyst analyst() {
        return analyst;
    }

    List<ModelPrice> prices() {
        return prices;
    }

    /** The most that one call for this content can cost. */
    public Cost oneCall(String content) {
        return estimate.oneCall(ContentSize.of(content), prices);
    }

    /** The most that all calls for this content can cost. */
    public Cost cap(String content) {
        return estimate.cap(ContentSize.of(content), prices);
    }
}
