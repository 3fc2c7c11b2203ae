package dev.sluice.runtime.result;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random output schemas of every supported shape, and random instances of them. */
final class RandomSchema {
    private static final JsonNodeFactory NODES = JsonMapper.shared().getNodeFactory();
    private static final List<String> TEXTS =
            List.of("", "a", "é", "日本語", "😀 \u202e", "line\nbreak", "\"quoted\" \\ {}", "\u0000");

    private final Random random;

    RandomSchema(Random random) {
        this.random = random;
    }

    ObjectNode object(int depth) {
        ObjectNode schema = NODES.objectNode();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        int fields = 1 + random.nextInt(4);
        for (int i = 0; i < fields; i++) {
            String name = "f" + i;
            boolean isRequired = random.nextBoolean();
            properties.set(name, value(depth - 1, isRequired && random.nextInt(4) == 0));
            if (isRequired) {
                required.add(name);
            }
        }
        return schema;
    }

    private ObjectNode value(int depth, boolean nullable) {
        ObjectNode schema = NODES.objectNode();
        String type =
                switch (random.nextInt(depth > 0 ? 7 : 5)) {
                    case 0 -> "string";
                    case 1 -> {
                        schema.putArray("enum").add("low").add("high");
                        if (nullable) {
                            schema.withArray("enum").addNull();
                        }
                        yield "string";
                    }
                    case 2 -> {
                        schema.put("minimum", Long.MIN_VALUE).put("maximum", Long.MAX_VALUE);
                        yield "integer";
                    }
                    case 3 -> "number";
                    case 4 -> "boolean";
                    case 5 -> {
                        schema.set("items", value(depth - 1, random.nextInt(4) == 0));
                        yield "array";
                    }
                    default -> {
                        schema = object(depth - 1);
                        yield "object";
                    }
                };
        if (nullable) {
            schema.putArray("type").add(type).add("null");
        } else {
            schema.put("type", type);
        }
        return schema;
    }

    ObjectNode instance(ObjectNode schema) {
        ObjectNode instance = NODES.objectNode();
        List<String> required =
                schema.path("required").valueStream().map(name -> name.asString()).toList();
        schema.path("properties")
                .forEachEntry((name, field) -> {
                    if (required.contains(name) || random.nextBoolean()) {
                        instance.set(name, instanceOf(field));
                    }
                });
        return instance;
    }

    private JsonNode instanceOf(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray() && random.nextInt(3) == 0) {
            return NODES.nullNode();
        }
        return switch (type.isArray() ? type.path(0).asString() : type.asString()) {
            case "string" ->
                    schema.has("enum")
                            ? schema.path("enum").path(random.nextInt(2))
                            : NODES.stringNode(TEXTS.get(random.nextInt(TEXTS.size())));
            case "integer" ->
                    random.nextInt(8) == 0
                            ? NODES.numberNode(new BigDecimal("5.0"))
                            : NODES.numberNode(random.nextLong());
            case "number" ->
                    random.nextInt(4) == 0
                            ? NODES.numberNode(random.nextInt())
                            : NODES.numberNode(random.nextGaussian() * 1e6);
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "array" -> {
                ArrayNode items = NODES.arrayNode();
                int size = random.nextInt(4);
                for (int i = 0; i < size; i++) {
                    items.add(instanceOf(schema.path("items")));
                }
                yield items;
            }
            default -> instance((ObjectNode) schema);
        };
    }

    /** Whether two values are equal as JSON: numbers are compared by value, not by notation. */
    static boolean sameJson(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) == 0
                    || a.doubleValue() == b.doubleValue();
        }
        if (a.isObject() && b.isObject()) {
            return a.propertyNames().equals(b.propertyNames())
                    && a.propertyNames().stream()
                            .allMatch(name -> sameJson(a.path(name), b.path(name)));
        }
        if (a.isArray() && b.isArray()) {
            if (a.size() != b.size()) {
                return false;
            }
            for (int i = 0; i < a.size(); i++) {
                if (!sameJson(a.path(i), b.path(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }
}
