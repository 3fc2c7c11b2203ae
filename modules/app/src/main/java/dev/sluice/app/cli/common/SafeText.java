package dev.sluice.app.cli.common;

import org.jspecify.annotations.Nullable;

/**
 * Text of requesters, models and web pages, made safe for a terminal: characters that control it,
 * or that change the direction of text, are shown as escapes.
 */
public final class SafeText {
    private static final String NONE = "-";

    private SafeText() {}

    /** One line. */
    public static String of(CharSequence text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints()
                .forEach(c -> {
                    if (isHidden(c)) {
                        safe.append("\\u%04x".formatted(c));
                    } else {
                        safe.appendCodePoint(c);
                    }
                });
        return safe.toString();
    }

    /** One line, or a dash if there is nothing. */
    public static String orNone(@Nullable CharSequence text) {
        return text == null || text.isEmpty() ? NONE : of(text);
    }

    private static boolean isHidden(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}
