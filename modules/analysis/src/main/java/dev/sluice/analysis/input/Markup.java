package dev.sluice.analysis.input;

import java.util.Locale;
import java.util.stream.Stream;
import org.jsoup.nodes.Entities;

/** Encoding of texts and attribute values in reduced pages. */
final class Markup {
    private static final int MAX_ATTRIBUTE = 300;

    private Markup() {}

    /** The escaped text. Quotation marks are not escaped, because a text may have many of them. */
    static String text(String value) {
        return isPlain(value)
                ? value
                : Entities.escape(value).replace("&quot;", "\"").replace("&apos;", "'");
    }

    static String attribute(String value) {
        return attribute(value, MAX_ATTRIBUTE);
    }

    /**
     * The escaped value with single spaces for white space, truncated to {@code limit} characters.
     */
    static String attribute(String value, int limit) {
        String squeezed = squeezed(value.strip(), limit);
        return isPlain(squeezed) ? squeezed : Entities.escape(squeezed).replace("\"", "&quot;");
    }

    /** Lower-case words of a value. */
    static Stream<String> tokens(String value) {
        return Stream.of(value.toLowerCase(Locale.ROOT).strip().split("\\s+", -1));
    }

    /** Whether a text needs no escaping, as most do; escaping is slow. */
    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean plain = c >= ' ' && c < 0x7F && c != '&' && c != '<' && c != '>' && c != '"';
            if (!plain || c == '\'') {
                return false;
            }
        }
        return true;
    }

    private static String squeezed(String value, int limit) {
        StringBuilder squeezed = new StringBuilder();
        int characters = 0;
        boolean inSpace = false;
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            boolean isSpace = c == ' ' || (c >= '\t' && c <= '\r');
            if (isSpace && inSpace) {
                continue;
            }
            if (characters++ == limit) {
                return squeezed.append('…').toString();
            }
            squeezed.appendCodePoint(isSpace ? ' ' : c);
            inSpace = isSpace;
        }
        return squeezed.toString();
    }
}
