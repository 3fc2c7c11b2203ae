package dev.sluice.admission.limits;

import dev.sluice.analysis.price.Cost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What all users together may spend in a day, USD.
 *
 * @param all on all analyses
 * @param ofAnalyses on single ones, by name
 */
public record Ceilings(Optional<Cost> all, Map<String, Cost> ofAnalyses) {
    public static final Ceilings NONE = new Ceilings(Optional.empty(), Map.of());

    public Ceilings {
        ofAnalyses = Map.copyOf(ofAnalyses);
    }

    public boolean isEmpty() {
        return all.isEmpty() && ofAnalyses.isEmpty();
    }

    /** The ceilings that limit a job. */
    public Map<CeilingScope, Cost> over(String analysis) {
        Map<CeilingScope, Cost> over = overAll();
        Optional.ofNullable(ofAnalyses.get(analysis))
                .ifPresent(ceiling -> over.put(new CeilingScope.OneAnalysis(analysis), ceiling));
        return over;
    }

    /** The same, of a job whose analysis is not known. */
    public Map<CeilingScope, Cost> overAll() {
        Map<CeilingScope, Cost> over = new LinkedHashMap<>();
        all.ifPresent(ceiling -> over.put(new CeilingScope.AllAnalyses(), ceiling));
        return over;
    }
}
