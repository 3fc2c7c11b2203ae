package dev.sluice.app.letters;

/** Shortens names and ids that are longer than valid ones can be. */
public final class ShortText {
    private static final int LONGEST = 256;

    private ShortText() {}

    /** The text itself, or its beginning and an ellipsis. */
    public static String of(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
