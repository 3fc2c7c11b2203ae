package dev.sluice.analysis.definition;

import java.nio.file.Path;
import java.util.List;

/**
 * A second version of an analysis that gets a share of its requests.
 *
 * @param percent share of the requests, in percent, from 0 (none, its jobs end) to 99
 * @param unit what is drawn for a version
 */
public record Canary(AnalysisDefinition definition, int percent, Unit unit) {
    /** What is drawn for a version, once and for good. */
    public enum Unit {
        /** Each request: one user may get answers of both versions. */
        REQUEST,
        /** Each user: all requests of a user get the same version. */
        USER
    }

    public Canary {
        if (percent < 0 || percent > 99) {
            throw new IllegalArgumentException("percent must be from 0 to 99, was " + percent);
        }
    }

    /**
     * Reads the second version of an analysis.
     *
     * @param folder has the definition; its name does not matter
     * @throws InvalidDefinitionsException with all problems of the definition
     */
    public static AnalysisDefinition read(Path folder, String analysis) {
        Path nearest = folder.resolve(analysis);
        if (!DefinitionReader.isDefinition(folder)) {
            throw new InvalidDefinitionsException(
                    List.of(
                            new Problem(
                                    folder.toString(),
                                    "",
                                    "has no analysis.yaml"
                                            + (DefinitionReader.isDefinition(nearest)
                                                    ? "; did you mean " + nearest + "?"
                                                    : ""))));
        }
        DefinitionReader reader = new DefinitionReader(folder, analysis);
        return reader.read().orElseThrow(() -> new InvalidDefinitionsException(reader.problems()));
    }
}
