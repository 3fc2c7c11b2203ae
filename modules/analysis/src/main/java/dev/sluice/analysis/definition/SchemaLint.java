package dev.sluice.analysis.definition;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a schema needs so that a prompt can be generated from it and an answer stays small: every
 * field described, every text, list and number bounded.
 */
final class SchemaLint {
    private SchemaLint() {}

    static void check(JsonNode schema, String file, List<Problem> problems) {
        if (!schema.path("type").asString("").equals("object")) {
            problems.add(new Problem(file, "/type", "the output must be an object"));
        }
        visit(schema, "", file, problems, true);
    }

    private static void visit(
            JsonNode schema, String path, String file, List<Problem> problems, boolean isRoot) {
        if (!isRoot && schema.path("description").asString("").isBlank()) {
            problems.add(new Problem(file, path, "has no description"));
        }
        for (String type : types(schema)) {
            switch (type) {
                case "string" -> {
                    if (!schema.has("maxLength") && !schema.has("enum") && !schema.has("const")) {
                        problems.add(
                                new Problem(file, path, "is unbounded; add maxLength or enum"));
                    }
                }
                case "integer", "number" -> {
                    if (!schema.has("enum")
                            && !schema.has("const")
                            && (!schema.has("minimum") || !schema.has("maximum"))) {
                        problems.add(
                                new Problem(file, path, "is unbounded; add minimum and maximum"));
                    }
                }
                case "array" -> {
                    if (!schema.has("maxItems")) {
                        problems.add(new Problem(file, path, "is unbounded; add maxItems"));
                    }
                    visit(schema.path("items"), path + "/items", file, problems, false);
                }
                case "object" ->
                        schema.path("properties")
                                .forEachEntry((name, field) ->
                                        visit(
                                                field,
                                                path + "/properties/" + name,
                                                file,
                                                problems,
                                                false));
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
