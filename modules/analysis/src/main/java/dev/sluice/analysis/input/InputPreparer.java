package dev.sluice.analysis.input;

import dev.sluice.analysis.definition.AnalysisDefinition.InputLimits;

/**
 * Reduces content to what matters and cuts it to the definition's limit, on a code-point boundary.
 */
public final class InputPreparer {
    private InputPreparer() {}

    public static PreparedInput prepare(String content, InputLimits limits) {
        String reduced =
                switch (limits.kind()) {
                    case TEXT -> content;
                    case HTML -> HtmlReducer.reduce(content);
                };
        int reducedCharacters = reduced.codePointCount(0, reduced.length());
        int kept = Math.min(reducedCharacters, limits.maxCharacters());
        return new PreparedInput(
                reduced.substring(0, reduced.offsetByCodePoints(0, kept)),
                content.codePointCount(0, content.length()),
                reducedCharacters,
                kept);
    }
}
