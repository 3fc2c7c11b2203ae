package dev.sluice.app.config;

import java.util.regex.Pattern;

/**
 * A setting of the file.
 *
 * @param parent the key before its last part, with the dot; empty at top level
 * @param last the last part of the key
 * @param kind the key with {@code *} for what the file names, and {@code [*]} for a number
 * @param line from 1
 */
record Setting(String parent, String last, String kind, String value, int line) {
    private static final Pattern PLAIN = Pattern.compile("[^.\"\\\\\\[\\]]+");

    String key() {
        return parent + last;
    }

    /** Without the value, which may be a secret. */
    @Override
    public String toString() {
        return key() + " in line " + line;
    }

    /** The kind of the key before its last part, with the dot. */
    static String parentOf(String kind) {
        return kind.substring(0, kind.lastIndexOf('.') + 1);
    }

    /** A name as it stands in a key: in quotation marks if it has dots. */
    static String quoted(String name) {
        return PLAIN.matcher(name).matches()
                ? name
                : "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
