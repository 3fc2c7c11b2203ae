package dev.sluice.analysis.model;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of an output schema that OpenAI's strict structured output takes. What it leaves out is
 * still checked on every answer: validation always uses the whole schema.
 *
 * @param schema the reduced schema
 * @param strict whether it can be sent as strict, which needs every field required and closed
 *     objects
 */
record ProviderSchema(ObjectNode schema, boolean strict) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Set<String> TAKEN =
            Set.of(
                    "type",
                    "properties",
                    "required",
                    "additionalProperties",
                    "items",
                    "enum",
                    "const",
                    "description",
                    "anyOf",
                    "$ref",
                    "$defs",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf",
                    "pattern",
                    "minItems",
                    "maxItems");

    static ProviderSchema of(ObjectNode whole) {
        ObjectNode reduced = (ObjectNode) reduced(whole);
        return new ProviderSchema(reduced, isStrict(reduced));
    }

    private static JsonNode reduced(JsonNode schema) {
        if (!(schema instanceof ObjectNode object)) {
            return schema;
        }
        ObjectNode kept = JSON.createObjectNode();
        object.forEachEntry((keyword, value) -> {
            if (!TAKEN.contains(keyword)) {
                return;
            }
            switch (keyword) {
                case "properties", "$defs" -> {
                    ObjectNode named = JSON.createObjectNode();
                    value.forEachEntry((name, part) -> named.set(name, reduced(part)));
                    kept.set(keyword, named);
                }
                case "anyOf" -> {
                    ArrayNode parts = JSON.createArrayNode();
                    value.forEach(part -> parts.add(reduced(part)));
                    kept.set(keyword, parts);
                }
                case "items" -> kept.set(keyword, reduced(value));
                default -> kept.set(keyword, value);
            }
        });
        return kept;
    }

    private static boolean isStrict(JsonNode schema) {
        JsonNode properties = schema.path("properties");
        if (properties.isObject()) {
            List<String> required =
                    schema.path("required").valueStream().map(name -> name.asString("")).toList();
            boolean closed =
                    schema.path("additionalProperties").isBoolean()
                            && !schema.path("additionalProperties").asBoolean();
            if (!closed || !required.containsAll(properties.propertyNames())) {
                return false;
            }
        }
        return properties.valueStream().allMatch(ProviderSchema::isStrict)
                && schema.path("$defs").valueStream().allMatch(ProviderSchema::isStrict)
                && schema.path("anyOf").valueStream().allMatch(ProviderSchema::isStrict)
                && (!schema.has("items") || isStrict(schema.path("items")));
    }
}
