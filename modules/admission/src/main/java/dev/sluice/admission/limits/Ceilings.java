package dev.sluice.admission.limits;

import dev.sluice.analysis.price.Cost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What all users together may spend in a day, USD.
 *
 * @param all on all analyses
 * @param ofAnalyses on single ones
 */
public record Ceilings(Optional<Cost> all, Map<String, Cost> ofAnalyses) {
    public static final Ceilings NONE = new Ceilings(Optional.empty(), Map.of());

    /** The scope of what is spent on all analyses; those of single ones are their names. */
    public static final String ALL = "";

    public Ceilings {
        ofAnalyses = Map.copyOf(ofAnalyses);
    }

    public boolean isEmpty() {
        return all.isEmpty() && ofAnalyses.isEmpty();
    }

    /** Those over a job of an analysis, by scope. */
    public Map<String, Cost> over(String analysis) {
        Map<String, Cost> over = new LinkedHashMap<>();
        all.ifPresent(ceiling -> over.put(ALL, ceiling));
        Optional.ofNullable(ofAnalyses.get(analysis))
                .ifPresent(ceiling -> over.put(analysis, ceiling));
        return over;
    }
}
