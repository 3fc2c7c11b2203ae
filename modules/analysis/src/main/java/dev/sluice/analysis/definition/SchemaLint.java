package dev.sluice.analysis.definition;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * What a schema needs so that a prompt can be generated from it and an answer stays small: every
 * field described, every text, list and number bounded, and no keyword that means nothing.
 */
final class SchemaLint {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    private static final Schema META =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    private static final Set<String> KEYWORDS =
            Set.of(
                    "$schema",
                    "$id",
                    "$ref",
                    "$defs",
                    "$anchor",
                    "$comment",
                    "title",
                    "description",
                    "default",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "type",
                    "enum",
                    "const",
                    "multipleOf",
                    "maximum",
                    "exclusiveMaximum",
                    "minimum",
                    "exclusiveMinimum",
                    "maxLength",
                    "minLength",
                    "pattern",
                    "format",
                    "maxItems",
                    "minItems",
                    "uniqueItems",
                    "items",
                    "prefixItems",
                    "contains",
                    "minContains",
                    "maxContains",
                    "unevaluatedItems",
                    "maxProperties",
                    "minProperties",
                    "required",
                    "properties",
                    "patternProperties",
                    "additionalProperties",
                    "propertyNames",
                    "unevaluatedProperties",
                    "dependentRequired",
                    "dependentSchemas",
                    "allOf",
                    "anyOf",
                    "oneOf",
                    "not",
                    "if",
                    "then",
                    "else");

    /** Deeper than this no provider takes a schema, and none reads well. */
    private static final int MAX_DEPTH = 10;

    private final JsonNode root;
    private final BiConsumer<String, String> problems;

    private SchemaLint(JsonNode root, BiConsumer<String, String> problems) {
        this.root = root;
        this.problems = problems;
    }

    /**
     * Reports what is wrong with a schema.
     *
     * @param problems takes a JSON Pointer into the schema and what is wrong there
     */
    static void check(JsonNode schema, BiConsumer<String, String> problems) {
        var broken = META.validate(schema);
        broken.forEach(error ->
                problems.accept(error.getInstanceLocation().toString(), error.getMessage()));
        if (!broken.isEmpty()) {
            return;
        }
        if (!schema.path("$schema").asString(DIALECT).equals(DIALECT)) {
            problems.accept("/$schema", "must be " + DIALECT + " or left out");
        }
        if (!schema.path("type").asString("").equals("object")) {
            problems.accept("/type", "the output must be an object");
        }
        new SchemaLint(schema, problems).visit(schema, "", 0);
    }

    private void visit(JsonNode given, String path, int depth) {
        if (depth > MAX_DEPTH) {
            problems.accept(path, "is nested deeper than " + MAX_DEPTH + " levels");
            return;
        }
        for (String keyword : given.propertyNames()) {
            if (!KEYWORDS.contains(keyword)) {
                problems.accept(path + "/" + keyword, "is no keyword of JSON Schema");
            }
        }
        JsonNode schema = resolved(given, path);
        if (depth > 0 && description(given, schema).isBlank()) {
            problems.accept(path, "has no description");
        }
        if (schema.has("pattern")) {
            checkPattern(schema.path("pattern").asString(""), path);
        }
        checkBounds(schema, path);
        if (types(schema).contains("array")) {
            visit(schema.path("items"), path + "/items", depth + 1);
        }
        schema.path("properties")
                .forEachEntry(
                        (name, field) -> visit(field, path + "/properties/" + name, depth + 1));
        schema.path("required")
                .valueStream()
                .map(name -> name.asString(""))
                .filter(name -> !schema.path("properties").has(name))
                .forEach(name ->
                        problems.accept(path + "/required", name + " is not among the properties"));
    }

    /** What a reference within the schema points to. */
    private JsonNode resolved(JsonNode schema, String path) {
        String reference = schema.path("$ref").asString("");
        if (reference.isEmpty()) {
            return schema;
        }
        JsonNode target =
                reference.startsWith("#/") ? root.at(reference.substring(1)) : root.path("");
        if (target.isMissingNode()) {
            problems.accept(path + "/$ref", "points nowhere within the schema: " + reference);
        }
        return target;
    }

    private static String description(JsonNode given, JsonNode resolved) {
        return given.path("description").asString(resolved.path("description").asString(""));
    }

    private void checkPattern(String pattern, String path) {
        try {
            var _ = Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            problems.accept(path + "/pattern", "is no regular expression: " + e.getDescription());
        }
    }

    private void checkBounds(JsonNode schema, String path) {
        if (schema.has("enum") && schema.path("enum").isEmpty()) {
            problems.accept(path + "/enum", "allows nothing");
        }
        if (schema.has("enum") || schema.has("const")) {
            return;
        }
        for (String type : types(schema)) {
            switch (type) {
                case "string" -> {
                    if (!schema.has("maxLength")) {
                        problems.accept(path, "is unbounded; add maxLength or enum");
                    }
                }
                case "integer", "number" -> {
                    boolean below = schema.has("minimum") || schema.has("exclusiveMinimum");
                    boolean above = schema.has("maximum") || schema.has("exclusiveMaximum");
                    if (!below || !above) {
                        problems.accept(path, "is unbounded; add minimum and maximum");
                    }
                }
                case "array" -> {
                    if (!schema.has("maxItems")) {
                        problems.accept(path, "is unbounded; add maxItems");
                    }
                }
                default -> {}
            }
        }
    }

    private static List<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            return type.valueStream().map(item -> item.asString("")).toList();
        }
        return List.of(type.asString(""));
    }
}
