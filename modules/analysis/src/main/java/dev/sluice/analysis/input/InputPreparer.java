package dev.sluice.analysis.input;

import dev.sluice.analysis.text.Graphemes;

/**
 * Preparation of content for the prompt: reduces a page, cleans the text, and truncates it to the
 * definition's limits between graphemes. Safe for use by many threads.
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
        String kept = cut(reduced, limits.maxShownBytes(ContentSize.of(content)));
        return new PreparedInput(kept, codePoints(content), codePoints(reduced), codePoints(kept));
    }

    private String cut(String text, long maxBytes) {
        int end = text.length();
        if (codePoints(text) > limits.maxCharacters()) {
            end = text.offsetByCodePoints(0, limits.maxCharacters());
        }
        end = Math.min(end, withinBytes(text, maxBytes));
        String cut = end < text.length() ? Graphemes.first(text, end) : text;
        return limits.maxTokens().isPresent()
                ? tokens.first(cut, limits.maxTokens().getAsInt())
                : cut;
    }

    /** Index after the longest prefix with at most {@code maxBytes} UTF-8 bytes. */
    private static int withinBytes(String text, long maxBytes) {
        if (3L * text.length() <= maxBytes) {
            return text.length();
        }
        long bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                return i;
            }
            i += Character.charCount(c);
        }
        return text.length();
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
