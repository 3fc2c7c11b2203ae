package dev.sluice.analysis.input;

import dev.sluice.analysis.definition.AnalysisDefinition.InputLimits;

/**
 * Reduces content to what matters, cleans it, and cuts it to the definition's limits without
 * tearing a character. Safe for use by many threads.
 */
public final class InputPreparer {
    private final InputLimits limits;
    private final TokenCounter tokens;

    public InputPreparer(InputLimits limits, TokenCounter tokens) {
        this.limits = limits;
        this.tokens = tokens;
    }

    public PreparedInput prepare(String content) {
        String reduced =
                TextCleaner.clean(
                        switch (limits.kind()) {
                            case TEXT -> content;
                            case HTML -> HtmlReducer.reduce(content);
                        });
        String kept = cut(reduced);
        return new PreparedInput(kept, codePoints(content), codePoints(reduced), codePoints(kept));
    }

    private String cut(String text) {
        String cut = text;
        if (codePoints(text) > limits.maxCharacters()) {
            cut = Graphemes.first(text, text.offsetByCodePoints(0, limits.maxCharacters()));
        }
        return limits.maxTokens().isPresent()
                ? tokens.first(cut, limits.maxTokens().getAsInt())
                : cut;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
