package dev.sluice.app.cli.common;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.ServicePlan.Knowledge;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** The prices of today of all models that may answer an analysis. */
public final class CallPrices {
    private CallPrices() {}

    /**
     * The prices.
     *
     * @throws CommandFailedException if one is missing: a model without a price is never called
     */
    public static List<ModelPrice> of(
            AnalysisDefinition definition,
            Knowledge knowledge,
            Map<String, List<Deployment>> deployments) {
        LocalDate today = LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
        Map<String, List<String>> ids = Deployments.modelIds(deployments, knowledge.prices());
        return definition.models().all().stream()
                .flatMap(used -> ids.getOrDefault(used, List.of()).stream())
                .distinct()
                .map(id ->
                        knowledge
                                .prices()
                                .find(id, today)
                                .orElseThrow(() ->
                                        new CommandFailedException(
                                                "the price table has no price of "
                                                        + id
                                                        + "; a model without one is never called."
                                                        + " Add one with prices.file, see sluice"
                                                        + " prices list")))
                .toList();
    }
}
