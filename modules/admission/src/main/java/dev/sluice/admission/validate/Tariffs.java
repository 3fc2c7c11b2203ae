package dev.sluice.admission.validate;

import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tariffs of all versions of analyses, looked up once per day instead of once per request. Safe
 * for use by several threads.
 */
final class Tariffs {
    private final PriceTable prices;

    // By the version's fingerprint.
    private final Map<String, CapEstimate> estimates = new HashMap<>();
    private final Map<String, List<String>> modelIds = new HashMap<>();
    private final Map<String, Tariff> today = new ConcurrentHashMap<>();

    /**
     * Prepares the cost estimates of all versions.
     *
     * @param deployments the provider's model ids of each model's deployments; prices are looked up
     *     by these
     */
    Tariffs(AnalysisCatalog analyses, PriceTable prices, Map<String, List<String>> deployments) {
        this.prices = prices;
        for (AnalysisDefinition definition : analyses.versions()) {
            List<String> ids =
                    definition.models().all().stream()
                            .flatMap(model -> deployments.getOrDefault(model, List.of()).stream())
                            .distinct()
                            .toList();
            modelIds.put(definition.fingerprint(), ids);
            if (!ids.isEmpty()) {
                estimates.put(
                        definition.fingerprint(),
                        new CapEstimate(definition, TokenCounter.ofIds(ids)));
            }
        }
    }

    /** The tariff of a version on a day; empty if one of its models has no price. */
    Optional<Tariff> find(AnalysisDefinition version, LocalDate day) {
        Tariff known = today.get(version.fingerprint());
        if (known != null && known.day().equals(day)) {
            return Optional.of(known);
        }
        List<ModelPrice> priced = new ArrayList<>();
        for (String modelId : modelIds(version)) {
            Optional<ModelPrice> price = prices.find(modelId, day);
            if (price.isEmpty()) {
                return Optional.empty();
            }
            priced.add(price.get());
        }
        CapEstimate estimate = estimates.get(version.fingerprint());
        if (estimate == null) {
            throw new IllegalStateException("no estimate for " + version.name());
        }
        Tariff found = new Tariff(day, estimate, priced);
        today.put(version.fingerprint(), found);
        return Optional.of(found);
    }

    /** The provider's model ids of a version that have no price on a day. */
    List<String> unpriced(AnalysisDefinition version, LocalDate day) {
        return modelIds(version).stream()
                .filter(modelId -> prices.find(modelId, day).isEmpty())
                .toList();
    }

    private List<String> modelIds(AnalysisDefinition version) {
        return modelIds.getOrDefault(version.fingerprint(), List.of());
    }
}
