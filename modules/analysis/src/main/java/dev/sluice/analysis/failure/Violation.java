package dev.sluice.analysis.failure;

/**
 * One way in which an answer is wrong.
 *
 * @param path where, as a JSON Pointer; empty for the whole answer
 * @param rule the schema keyword or check that is broken
 * @param message what is wrong, in words the model can act on
 */
public record Violation(String path, String rule, String message) {
    /** The same, where the answer stands in a field or an item of another. */
    public Violation under(String name) {
        return new Violation("/" + name + path, rule, message);
    }

    @Override
    public String toString() {
        return (path.isEmpty() ? "(whole answer)" : path) + ": " + message;
    }
}
