package dev.sluice.runtime.result;

/**
 * Something in a JSON Schema that has no Avro form.
 *
 * @param path where, as a JSON Pointer into the schema
 * @param message what and how to mend it
 */
public record AvroProblem(String path, String message) {}
