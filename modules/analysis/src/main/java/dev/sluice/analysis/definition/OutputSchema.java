package dev.sluice.analysis.definition;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON Schema (2020-12) of an analysis's output, the only description of it.
 *
 * @param tree the schema as written
 * @param validator the same, compiled
 */
public record OutputSchema(ObjectNode tree, Schema validator) {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    public static OutputSchema of(ObjectNode tree) {
        return new OutputSchema(tree, REGISTRY.getSchema((JsonNode) tree));
    }
}
