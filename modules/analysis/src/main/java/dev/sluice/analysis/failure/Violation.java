package dev.sluice.analysis.failure;

/**
 * One violation of the schema or a check by an answer.
 *
 * @param path location as a JSON Pointer; empty for the whole answer
 * @param rule the violated schema keyword or check
 * @param message what is wrong, in words the model can act on
 */
public record Violation(String path, String rule, String message) {
    /** The same violation with the path below a field or item of an outer value. */
    public Violation under(String name) {
        return new Violation("/" + name + path, rule, message);
    }

    @Override
    public String toString() {
        return (path.isEmpty() ? "(whole answer)" : path) + ": " + message;
    }
}
