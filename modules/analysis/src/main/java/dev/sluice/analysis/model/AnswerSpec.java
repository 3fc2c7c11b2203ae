package dev.sluice.analysis.model;

import dev.sluice.analysis.text.Texts;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Specification of the answer that the calls of one analysis request; it does not depend on the
 * content. Instances are compared by identity.
 */
public final class AnswerSpec {
    private final String analysis;
    private final ObjectNode schema;
    private final int maxOutputTokens;
    private final Optional<Double> temperature;
    private final int schemaBytes;
    private final long maxSchemaTokens;

    /** A specification that bounds the schema's tokens by its bytes. */
    public AnswerSpec(
            String analysis, ObjectNode schema, int maxOutputTokens, Optional<Double> temperature) {
        this(analysis, schema, maxOutputTokens, temperature, Texts.bytes(schema.toString()));
    }

    /**
     * @param analysis name of the analysis, sent to the provider as the schema's name
     * @param schema the complete JSON Schema of the output
     * @param maxOutputTokens limit of output tokens sent to the provider
     * @param temperature for models that accept one
     * @param maxSchemaTokens upper bound of the schema's tokens
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
