package dev.sluice.analysis.input;

import dev.sluice.analysis.compute.CutOff;
import java.util.List;

/**
 * Cleaner of texts for prompts. It removes characters that make a prompt look different from its
 * actual text: control characters, overrides of the writing direction, invisible tag characters and
 * unpaired surrogates. It also breaks up the control tokens of chat templates, which some servers
 * obey anywhere in a prompt. All line ends become line feeds. Ordinary text is not changed.
 */
public final class TextCleaner {
    /** Texts after the opening character of a control token, and after an optional slash. */
    private static final List<String> AFTER_ANGLE =
            List.of("s>", "start_of_turn>", "end_of_turn>", "bos>", "eos>", "pad>", "unk>");

    private static final List<String> AFTER_BRACKET =
            List.of("INST]", "SYSTEM_PROMPT]", "AVAILABLE_TOOLS]", "TOOL_CALLS]", "TOOL_RESULTS]");

    private TextCleaner() {}

    public static String clean(String text) {
        if (isClean(text)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            CutOff.check(i);
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\r') {
                i += i < text.length() && text.charAt(i) == '\n' ? 1 : 0;
                clean.append('\n');
            } else if (isLineEnd(c)) {
                clean.append('\n');
            } else if (c == '\t' || c == '\n') {
                clean.append((char) c);
            } else if (Character.getType(c) == Character.CONTROL) {
                clean.append(' ');
            } else if (isInvalid(c)) {
                clean.append('\uFFFD');
            } else if (!isHidden(c)) {
                clean.appendCodePoint(c);
            }
        }
        return withGaps(clean);
    }

    /** Whether a text has no character that needs cleaning, as most texts. */
    private static boolean isClean(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain =
                    (c >= ' ' && c < 0x7F && !opensToken(c))
                            || c == '\n'
                            || c == '\t'
                            || isWithin(c, 0xA0, 0x2027);
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private static boolean opensToken(char c) {
        return c == '<' || c == '[';
    }

    /**
     * Inserts a space after the opening character of each token; the token is then plain text and
     * reads the same.
     */
    private static String withGaps(StringBuilder clean) {
        StringBuilder gapped = new StringBuilder(clean.length());
        for (int i = 0; i < clean.length(); i++) {
            CutOff.check(i);
            char c = clean.charAt(i);
            gapped.append(c);
            if (opensToken(c) && isTokenAfter(clean, i)) {
                gapped.append(' ');
            }
        }
        return gapped.toString();
    }

    /**
     * Whether the character opens {@code <|im_start|>}, {@code [INST]}, {@code <<SYS>>} or a
     * similar token.
     */
    private static boolean isTokenAfter(CharSequence text, int sign) {
        boolean angle = text.charAt(sign) == '<';
        int next = sign + 1;
        if (angle && (isAt(text, next, "|") || isAt(text, next, "｜"))) {
            return true;
        }
        if (angle && isAt(text, next, "<")) {
            return isAt(text, afterSlash(text, next + 1), "SYS>>");
        }
        int name = afterSlash(text, next);
        return (angle ? AFTER_ANGLE : AFTER_BRACKET)
                .stream().anyMatch(token -> isAt(text, name, token));
    }

    private static int afterSlash(CharSequence text, int at) {
        return isAt(text, at, "/") ? at + 1 : at;
    }

    private static boolean isAt(CharSequence text, int at, String part) {
        if (at + part.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (text.charAt(at + i) != part.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLineEnd(int c) {
        return c == 0x0B || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** Whether the code point is an unpaired surrogate or a noncharacter. */
    private static boolean isInvalid(int c) {
        return isWithin(c, 0xD800, 0xDFFF) || (c & 0xFFFE) == 0xFFFE;
    }

    /**
     * Whether the code point is invisible: overrides and isolates of direction, annotation marks,
     * byte order mark, tags.
     */
    private static boolean isHidden(int c) {
        return isWithin(c, 0x202A, 0x202E)
                || isWithin(c, 0x2066, 0x2069)
                || isWithin(c, 0xFFF9, 0xFFFB)
                || c == 0xFEFF
                || isWithin(c, 0xE0000, 0xE007F);
    }

    private static boolean isWithin(int c, int first, int last) {
        return c >= first && c <= last;
    }
}
