package dev.sluice.analysis.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Description of a schema for the prompt: one line per field with type, bounds and description. */
final class SchemaFields {
    private SchemaFields() {}

    static String describe(JsonNode schema) {
        StringBuilder lines = new StringBuilder();
        describeFields(schema, "", lines);
        return lines.toString();
    }

    private static void describeFields(JsonNode object, String indent, StringBuilder lines) {
        List<String> required =
                object.path("required").valueStream().map(name -> name.asString("")).toList();
        object.path("properties")
                .forEachEntry((name, field) -> {
                    lines.append(indent).append("- ").append(name).append(" (");
                    lines.append(type(field));
                    if (!required.contains(name)) {
                        lines.append(", may be left out");
                    }
                    lines.append(")");
                    String description = field.path("description").asString("");
                    if (!description.isEmpty()) {
                        lines.append(": ").append(description);
                    }
                    lines.append('\n');
                    describeNested(field, indent + "  ", lines);
                });
    }

    private static void describeNested(JsonNode field, String indent, StringBuilder lines) {
        if (field.has("properties")) {
            describeFields(field, indent, lines);
        } else if (field.path("items").has("properties")) {
            lines.append(indent).append("each with:\n");
            describeFields(field.path("items"), indent, lines);
        }
    }

    private static String type(JsonNode field) {
        if (field.has("enum")) {
            return "one of "
                    + field.path("enum")
                            .valueStream()
                            .map(JsonNode::toString)
                            .collect(Collectors.joining(", "));
        }
        if (field.has("const")) {
            return "always " + field.path("const");
        }
        JsonNode type = field.path("type");
        if (type.isArray()) {
            return type.valueStream()
                    .map(name -> described(name.asString(""), field))
                    .collect(Collectors.joining(" or "));
        }
        return described(type.asString("any value"), field);
    }

    private static String described(String type, JsonNode field) {
        List<String> bounds = new ArrayList<>();
        switch (type) {
            case "string" -> {
                range(field, "minLength", "maxLength", "characters", bounds);
                if (field.has("pattern")) {
                    bounds.add("matching " + field.path("pattern").asString(""));
                }
                if (field.has("format")) {
                    bounds.add("format " + field.path("format").asString(""));
                }
            }
            case "integer", "number" -> {
                range(field, "minimum", "maximum", "", bounds);
                range(field, "exclusiveMinimum", "exclusiveMaximum", "exclusive", bounds);
            }
            case "array" -> {
                range(field, "minItems", "maxItems", "items", bounds);
                bounds.add("each " + article(type(field.path("items"))));
            }
            default -> {}
        }
        return bounds.isEmpty() ? type : type + ", " + String.join(", ", bounds);
    }

    private static void range(
            JsonNode field, String low, String high, String unit, List<String> bounds) {
        String suffix = unit.isEmpty() ? "" : " " + unit;
        if (field.has(low) && field.has(high)) {
            bounds.add("from " + field.path(low) + " to " + field.path(high) + suffix);
        } else if (field.has(high)) {
            bounds.add("at most " + field.path(high) + suffix);
        } else if (field.has(low)) {
            bounds.add("at least " + field.path(low) + suffix);
        }
    }

    private static String article(String type) {
        if (type.startsWith("one of ") || type.startsWith("always ")) {
            return type;
        }
        return ("aeio".indexOf(type.charAt(0)) >= 0 ? "an " : "a ") + type;
    }
}
