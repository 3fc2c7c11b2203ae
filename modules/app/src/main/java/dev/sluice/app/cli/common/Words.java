package dev.sluice.app.cli.common;

import java.util.Locale;

/** Sentences with numbers, and long ones. */
public final class Words {
    private Words() {}

    /** A number of things: {@code 1 request}, {@code 2,000 requests}. */
    public static String count(long number, String thing) {
        return String.format(Locale.ROOT, "%,d %s%s", number, thing, number == 1 ? "" : "s");
    }

    /** A text in lines of at most so many characters, as far as its words allow. */
    public static String wrapped(String text, int width) {
        StringBuilder lines = new StringBuilder();
        int column = 0;
        for (String word : text.split("\\s+", -1)) {
            boolean fits = column + 1 + word.length() <= width;
            if (!lines.isEmpty()) {
                lines.append(fits ? " " : "\n");
            }
            column = lines.isEmpty() || !fits ? word.length() : column + 1 + word.length();
            lines.append(word);
        }
        return lines.toString();
    }
}
