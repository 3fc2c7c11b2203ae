package dev.sluice.app.cli.common;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.Suggestions;
import java.util.List;

/** Finds the analysis that a command names. */
public final class KnownAnalyses {
    private KnownAnalyses() {}

    /**
     * The analysis of this name.
     *
     * @throws CommandFailedException if there is none, with the name that may be meant
     */
    public static AnalysisDefinition find(Knowledge knowledge, String name) {
        return knowledge.analyses().find(name).orElseThrow(() -> unknown(knowledge, name));
    }

    private static CommandFailedException unknown(Knowledge knowledge, String name) {
        List<String> known =
                knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
        return new CommandFailedException(
                "there is no analysis "
                        + name
                        + Suggestions.nearest(name, known)
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("; see sluice analyses list"));
    }
}
