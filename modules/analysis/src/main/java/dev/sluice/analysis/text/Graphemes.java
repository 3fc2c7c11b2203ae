package dev.sluice.analysis.text;

import java.text.BreakIterator;
import java.util.Locale;

/** Truncation of texts between graphemes, the characters as a reader sees them. */
public final class Graphemes {
    /** Longest grapheme that is kept whole, in chars; longer ones are split between code points. */
    private static final int WINDOW = 4_096;

    private static final int AHEAD = 64;

    private Graphemes() {}

    /** The longest prefix of whole graphemes with at most {@code chars} chars. */
    public static String first(String text, int chars) {
        return first(text, chars, text);
    }

    /**
     * The same for a text that is itself a prefix of {@code whole}: the characters that follow
     * there may belong to the last grapheme.
     */
    public static String first(String text, int chars, String whole) {
        if (chars >= whole.length()) {
            return text;
        }
        int start = windowStart(whole, chars);
        int end = Math.min(whole.length(), chars + AHEAD);
        BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
        clusters.setText(whole.substring(start, end));
        int boundary =
                clusters.isBoundary(chars - start)
                        ? chars - start
                        : clusters.preceding(chars - start);
        boolean tornAnyway = boundary <= 0 && start > 0 && !beginsCluster(whole.charAt(start));
        int cut = tornAnyway ? codePointBoundary(whole, chars) : start + Math.max(0, boundary);
        return text.substring(0, cut);
    }

    /** Start of a nearby grapheme that is certain: an ASCII character. */
    private static int windowStart(String text, int before) {
        int earliest = Math.max(0, before - WINDOW);
        for (int i = before - 1; i > earliest; i--) {
            if (beginsCluster(text.charAt(i))) {
                return i;
            }
        }
        int start = codePointBoundary(text, earliest);
        // Flags are pairs: a window that begins between the two of one would tear all that follow.
        while (start > 0 && isFlagPart(text, start) && isFlagPart(text, start - 2)) {
            start -= 2;
        }
        return start;
    }

    private static boolean isFlagPart(String text, int index) {
        int c = index < 0 || index >= text.length() ? 0 : text.codePointAt(index);
        return c >= 0x1F1E6 && c <= 0x1F1FF;
    }

    private static boolean beginsCluster(char c) {
        return c >= ' ' && c < 0x7F;
    }

    private static int codePointBoundary(String text, int index) {
        boolean inside =
                index > 0
                        && index < text.length()
                        && Character.isLowSurrogate(text.charAt(index))
                        && Character.isHighSurrogate(text.charAt(index - 1));
        return inside ? index - 1 : index;
    }
}
