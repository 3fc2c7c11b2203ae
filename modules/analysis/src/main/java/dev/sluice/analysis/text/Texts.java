package dev.sluice.analysis.text;

import java.nio.charset.StandardCharsets;

/** Truncation of texts between code points. */
public final class Texts {
    private Texts() {}

    /** The first {@code count} code points of the text. */
    public static String firstCodePoints(String text, int count) {
        return text.codePointCount(0, text.length()) <= count
                ? text
                : text.substring(0, text.offsetByCodePoints(0, count));
    }

    /** The longest prefix of the text with at most {@code bytes} bytes in UTF-8. */
    public static String firstBytes(String text, int bytes) {
        int used = 0;
        int end = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            used += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            if (used > bytes) {
                return text.substring(0, end);
            }
            end += Character.charCount(codePoint);
        }
        return text;
    }

    /** Length of the text in UTF-8. */
    public static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
