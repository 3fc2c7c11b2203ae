package dev.sluice.simulator;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a valid instance of a schema. Length limits, which structured output drops from the schema,
 * are read from the prompt, as a model would do.
 */
final class SchemaInstance {
    private static final JsonNodeFactory NODES = JsonMapper.shared().getNodeFactory();
    private static final String WORDS = "simulated text that stands where a model would write ";

    private final JsonNode root;
    private final String instructions;
    private final String content;

    private SchemaInstance(ChatRequest request) {
        this.root = request.schema();
        this.instructions = request.instructions();
        this.content = request.content();
    }

    static JsonNode of(ChatRequest request) {
        return new SchemaInstance(request).value(request.schema(), "");
    }

    private JsonNode value(JsonNode given, String name) {
        JsonNode schema = resolved(given);
        if (schema.has("const")) {
            return schema.path("const");
        }
        if (schema.path("enum").size() > 0) {
            return schema.path("enum").path(0);
        }
        if (schema.has("anyOf")) {
            return value(schema.path("anyOf").path(0), name);
        }
        return switch (type(schema)) {
            case "object" -> object(schema);
            case "array" -> array(schema, name);
            case "string" -> NODES.stringNode(text(schema, name));
            case "integer" -> NODES.numberNode(number(schema).setScale(0, RoundingMode.CEILING));
            case "number" -> NODES.numberNode(number(schema));
            case "boolean" -> NODES.booleanNode(true);
            default -> NODES.nullNode();
        };
    }

    private JsonNode resolved(JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith("#/") ? root.at(reference.substring(1)) : schema;
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray() ? type.path(0).asString("null") : type.asString("object");
    }

    private ObjectNode object(JsonNode schema) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        schema.path("properties")
                .forEachEntry((name, field) -> object.set(name, value(field, name)));
        return object;
    }

    private ArrayNode array(JsonNode schema, String name) {
        ArrayNode array = JsonMapper.shared().createArrayNode();
        int size =
                Math.max(
                        schema.path("minItems").asInt(0),
                        Math.min(1, schema.path("maxItems").asInt(1)));
        for (int i = 0; i < size; i++) {
            array.add(value(schema.path("items"), name));
        }
        return array;
    }

    private static BigDecimal number(JsonNode schema) {
        if (schema.has("minimum")) {
            return schema.path("minimum").decimalValue();
        }
        if (schema.has("exclusiveMinimum")) {
            return schema.path("exclusiveMinimum").decimalValue().add(BigDecimal.ONE);
        }
        if (schema.has("maximum")) {
            return schema.path("maximum").decimalValue();
        }
        return BigDecimal.ONE;
    }

    private String text(JsonNode schema, String name) {
        switch (schema.path("format").asString("")) {
            case "date" -> {
                return "2026-01-01";
            }
            case "date-time" -> {
                return "2026-01-01T00:00:00Z";
            }
            case "email" -> {
                return "someone@example.com";
            }
            case "uri" -> {
                return "https://example.com/";
            }
            default -> {}
        }
        List<Integer> bounds = lengths(name);
        if (schema.path("description").asString("").contains("verbatim")) {
            return quoted(bounds.getLast());
        }
        int length =
                Math.clamp(24, bounds.getFirst(), Math.max(bounds.getFirst(), bounds.getLast()));
        return WORDS.repeat(length / WORDS.length() + 1).substring(0, length);
    }

    /** The first part of the content's first line that has text. */
    private String quoted(int longest) {
        String line =
                content.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse("");
        return line.codePointCount(0, line.length()) <= longest
                ? line
                : line.substring(0, line.offsetByCodePoints(0, longest));
    }

    /** The field's minimum and maximum length, as its line in the prompt states them. */
    private List<Integer> lengths(String name) {
        Optional<String> line =
                instructions
                        .lines()
                        .filter(candidate -> candidate.strip().startsWith("- " + name + " ("))
                        .findFirst();
        Matcher range =
                Pattern.compile(
                                "from (\\d+) to (\\d+) characters|at most (\\d+) characters|at least (\\d+) characters")
                        .matcher(line.orElse(""));
        int shortest = 1;
        int longest = 1_000;
        while (range.find()) {
            if (range.group(1) != null) {
                shortest = Integer.parseInt(range.group(1));
                longest = Integer.parseInt(range.group(2));
            } else if (range.group(3) != null) {
                longest = Integer.parseInt(range.group(3));
            } else {
                shortest = Integer.parseInt(range.group(4));
            }
        }
        return List.of(shortest, longest);
    }
}
