package dev.sluice.analysis.definition;

/**
 * One problem of a definition.
 *
 * @param file the file, relative to the analyses folder
 * @param key the YAML key or JSON Pointer; empty for the whole file
 * @param message what is wrong and how to fix it
 */
public record Problem(String file, String key, String message) {
    @Override
    public String toString() {
        return file + (key.isEmpty() ? "" : " " + key) + ": " + message;
    }
}
