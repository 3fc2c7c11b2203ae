package dev.sluice.app.config;

import java.util.regex.Pattern;

/**
 * One setting of the configuration.
 *
 * @param parent the key before its last part, with the dot; empty at top level
 * @param last the last part of the key
 * @param kind the key with {@code *} for names that the file chooses, and {@code [*]} for a number
 * @param line the line in the file, from 1
 */
record Setting(String parent, String last, String kind, String value, int line) {
    private static final Pattern PLAIN = Pattern.compile("[^.\"\\\\\\[\\]]+");

    String key() {
        return parent + last;
    }

    /** The key and line, without the value, which may be a secret. */
    @Override
    public String toString() {
        return key() + " in line " + line;
    }

    /** The kind of the key before its last part, with the dot. */
    static String parentOf(String kind) {
        return kind.substring(0, kind.lastIndexOf('.') + 1);
    }

    /** A name as part of a key: in quotation marks if it contains dots. */
    static String quoted(String name) {
        return PLAIN.matcher(name).matches()
                ? name
                : "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
