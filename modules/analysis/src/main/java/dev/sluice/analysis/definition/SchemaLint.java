package dev.sluice.analysis.definition;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/**
 * Rules for output schemas, so that a prompt can be generated and an answer stays small: every
 * field has a description and a type, every text, list and number is bounded, every object is
 * closed, and all keywords are supported by the prompt, the providers, the checks and Avro.
 */
final class SchemaLint {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    private static final Schema META =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    /** Keywords that the prompt, providers, checks and the result's Avro type all support. */
    private static final Set<String> KEYWORDS =
            Set.of(
                    "$schema",
                    "$comment",
                    "title",
                    "description",
                    "default",
                    "examples",
                    "deprecated",
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
                    "required",
                    "properties",
                    "additionalProperties");

    /** Deepest nesting; no provider accepts more. */
    private static final int MAX_DEPTH = 10;

    /** Most steps of a pattern for each character of a text. */
    private static final int MAX_PATTERN_STEPS = 10_000;

    private final BiConsumer<String, String> problems;

    private SchemaLint(BiConsumer<String, String> problems) {
        this.problems = problems;
    }

    /**
     * Reports all problems of a schema.
     *
     * @param problems receives a JSON Pointer into the schema and the problem there
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
        new SchemaLint(problems).visit(schema, "", 0);
    }

    private void visit(JsonNode schema, String path, int depth) {
        if (depth > MAX_DEPTH) {
            problems.accept(path, "is nested deeper than " + MAX_DEPTH + " levels");
            return;
        }
        for (String keyword : schema.propertyNames()) {
            if (!KEYWORDS.contains(keyword)) {
                problems.accept(
                        path + "/" + keyword,
                        "is not supported by the prompt, all providers and Avro; remove it and"
                                + " describe the field without it");
            }
        }
        if (depth > 0 && schema.path("description").asString("").isBlank()) {
            problems.accept(path, "has no description");
        }
        if (!schema.has("type") && !schema.has("enum") && !schema.has("const")) {
            problems.accept(path, "has no type");
        }
        if (schema.has("pattern")) {
            checkPattern(schema.path("pattern").asString(""), path);
        }
        if (schema.has("format")) {
            checkFormat(schema.path("format").asString(""), path);
        }
        checkBounds(schema, path);
        if (types(schema).contains("array")) {
            visit(schema.path("items"), path + "/items", depth + 1);
        }
        if (types(schema).contains("object")) {
            checkObject(schema, path);
        }
        schema.path("properties")
                .forEachEntry(
                        (name, field) -> visit(field, path + "/properties/" + name, depth + 1));
    }

    private void checkObject(JsonNode schema, String path) {
        JsonNode others = schema.path("additionalProperties");
        if (!others.isBoolean() || others.asBoolean()) {
            problems.accept(path, "is open; add \"additionalProperties\": false");
        }
        schema.path("required")
                .valueStream()
                .map(name -> name.asString(""))
                .filter(name -> !schema.path("properties").has(name))
                .forEach(name ->
                        problems.accept(path + "/required", name + " is not among the properties"));
    }

    private void checkFormat(String format, String path) {
        if (!BoundedFormat.names().contains(format)) {
            problems.accept(
                    path + "/format",
                    "is not a format of JSON Schema: '"
                            + format
                            + "'; there are "
                            + String.join(", ", BoundedFormat.names()));
        }
    }

    private void checkPattern(String pattern, String path) {
        try {
            if (Pattern.compile(pattern).programSize() > MAX_PATTERN_STEPS) {
                problems.accept(path + "/pattern", "repeats too much; use maxLength");
            }
        } catch (PatternSyntaxException e) {
            problems.accept(
                    path + "/pattern",
                    "is not a valid regular expression of RE2: " + e.getDescription());
        }
    }

    private void checkOrder(JsonNode schema, String path, String low, String high) {
        if (schema.has(low)
                && schema.has(high)
                && schema.path(low).decimalValue().compareTo(schema.path(high).decimalValue())
                        > 0) {
            problems.accept(path, low + " is above " + high);
        }
    }

    private void checkBounds(JsonNode schema, String path) {
        checkOrder(schema, path, "minLength", "maxLength");
        checkOrder(schema, path, "minItems", "maxItems");
        checkOrder(schema, path, "minimum", "maximum");
        if (schema.has("enum") && schema.path("enum").isEmpty()) {
            problems.accept(path + "/enum", "allows no value; add at least one");
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
