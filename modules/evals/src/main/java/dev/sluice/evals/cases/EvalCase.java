package dev.sluice.evals.cases;

import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A content, and what is expected of the analysis's output.
 *
 * @param id name of its file without the ending
 * @param tags kinds of cases that it belongs to; results are told for each
 * @param hash of content and expectation: results of another hash are those of another case
 */
public record EvalCase(
        String id,
        String description,
        Set<String> tags,
        String content,
        Expectation expectation,
        String hash) {
    public EvalCase {
        tags = Set.copyOf(tags);
    }

    /** A request of production, of which nothing but a valid output is expected. */
    public static EvalCase ofRequest(String id, String content) {
        return new EvalCase(
                id,
                "A request of production.",
                Set.of(),
                content,
                Expectation.NONE,
                CaseReader.hash(content, JsonNodeFactory.instance.objectNode()));
    }
}
