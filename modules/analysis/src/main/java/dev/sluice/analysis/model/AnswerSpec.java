package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which answer the calls of one analysis ask for: the same for all of them, whatever the content.
 * Two are equal only if they are one.
 */
public final class AnswerSpec {
    private final String analysis;
    private final ObjectNode schema;
    private final int maxOutputTokens;
    private final Optional<Double> temperature;
    private final int schemaBytes;
    private final long maxSchemaTokens;

    /** Nothing is known of the schema's tokens: it has no more than bytes. */
    public AnswerSpec(
            String analysis, ObjectNode schema, int maxOutputTokens, Optional<Double> temperature) {
        this(analysis, schema, maxOutputTokens, temperature, Texts.bytes(schema.toString()));
    }

    /**
     * @param analysis its name; the provider is told the schema under it
     * @param schema the output's JSON Schema, whole
     * @param maxOutputTokens where the provider is to stop
     * @param temperature for models that take one
     * @param maxSchemaTokens the most that a model can make of the schema
     */
    public AnswerSpec(
            String analysis,
            ObjectNode schema,
            int maxOutputTokens,
            Optional<Double> temperature,
            long maxSchemaTokens) {
        this.analysis = analysis;
        this.schema = schema;
        this.maxOutputTokens = maxOutputTokens;
        this.temperature = temperature;
        this.schemaBytes = Texts.bytes(schema.toString());
        this.maxSchemaTokens = maxSchemaTokens;
    }

    public String analysis() {
        return analysis;
    }

    public ObjectNode schema() {
        return schema;
    }

    public int maxOutputTokens() {
        return maxOutputTokens;
    }

    public Optional<Double> temperature() {
        return temperature;
    }

    /** Length of the schema in UTF-8. */
    int schemaBytes() {
        return schemaBytes;
    }

    long maxSchemaTokens() {
        return maxSchemaTokens;
    }
}
