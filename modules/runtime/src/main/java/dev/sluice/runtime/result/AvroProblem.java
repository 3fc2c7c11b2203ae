package dev.sluice.runtime.result;

/**
 * A part of a JSON Schema that has no Avro form.
 *
 * @param path its location, as a JSON Pointer into the schema
 * @param message the problem and its fix
 */
public record AvroProblem(String path, String message) {}
