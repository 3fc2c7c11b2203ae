package dev.sluice.admission.limits;

import dev.sluice.analysis.price.Cost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The configured ceilings: daily budgets that all users share, in USD.
 *
 * @param all ceiling of all analyses together
 * @param ofAnalyses ceilings of single analyses, by name
 */
public record Ceilings(Optional<Cost> all, Map<String, Cost> ofAnalyses) {
    public static final Ceilings NONE = new Ceilings(Optional.empty(), Map.of());

    public Ceilings {
        ofAnalyses = Map.copyOf(ofAnalyses);
    }

    public boolean isEmpty() {
        return all.isEmpty() && ofAnalyses.isEmpty();
    }

    /** The ceilings that apply to a job of an analysis. */
    public Map<CeilingScope, Cost> over(String analysis) {
        Map<CeilingScope, Cost> over = overAll();
        Optional.ofNullable(ofAnalyses.get(analysis))
                .ifPresent(ceiling -> over.put(new CeilingScope.OneAnalysis(analysis), ceiling));
        return over;
    }

    /** The ceilings that apply to a job whose analysis is not known. */
    public Map<CeilingScope, Cost> overAll() {
        Map<CeilingScope, Cost> over = new LinkedHashMap<>();
        all.ifPresent(ceiling -> over.put(new CeilingScope.AllAnalyses(), ceiling));
        return over;
    }
}
