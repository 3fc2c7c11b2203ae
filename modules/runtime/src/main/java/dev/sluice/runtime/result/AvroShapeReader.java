package dev.sluice.runtime.result;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Converts a JSON Schema into an {@link AvroShape} and collects what has no Avro counterpart.
 * Schemas have passed the lint of definitions, so they contain no references and no alternatives.
 * Not safe for use by several threads.
 */
final class AvroShapeReader {
    private static final Pattern AVRO_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private final List<AvroProblem> problems = new ArrayList<>();
    private final Set<String> recordNames = new HashSet<>();

    List<AvroProblem> problems() {
        return problems;
    }

    /** The shape of a schema, and whether null is allowed as well. */
    record Found(AvroShape shape, boolean nullable) {}

    AvroShape.Structure readRoot(JsonNode schema, String name) {
        if (read(schema, "", name).shape() instanceof AvroShape.Structure structure) {
            return structure;
        }
        problem("", "the output must be an object");
        return new AvroShape.Structure(name, "", List.of());
    }

    private Found read(JsonNode schema, String path, String name) {
        Set<String> types = types(schema, path);
        boolean nullable = types.remove("null");
        if (types.size() != 1) {
            problem(
                    path,
                    types.isEmpty()
                            ? "has no type; name one"
                            : "has several types, which have no Avro form; name one, or one and"
                                    + " null");
            return new Found(new AvroShape.Text(), nullable);
        }
        AvroShape shape =
                switch (types.iterator().next()) {
                    case "string" -> new AvroShape.Text();
                    case "integer" -> integer(schema, path);
                    case "number" -> new AvroShape.Decimal();
                    case "boolean" -> new AvroShape.Bool();
                    case "array" -> sequence(schema, path, name);
                    case "object" -> structure(schema, path, name);
                    default -> {
                        problem(path + "/type", "is not a JSON Schema type");
                        yield new AvroShape.Text();
                    }
                };
        return new Found(shape, nullable);
    }

    private Set<String> types(JsonNode schema, String path) {
        Set<String> types = new TreeSet<>();
        JsonNode type = schema.path("type");
        type.valueStream().forEach(item -> types.add(item.asString("")));
        if (type.isString()) {
            types.add(type.asString());
        }
        boolean undeclared = types.isEmpty();
        for (JsonNode value : schema.path("enum")) {
            if (undeclared) {
                types.add(typeOf(value));
            }
        }
        if (undeclared && schema.has("const")) {
            types.add(typeOf(schema.path("const")));
        }
        if (types.contains("integer") && types.contains("number")) {
            types.remove("integer");
        }
        if (types.contains("")) {
            problem(path, "allows a value that has no Avro form");
            types.remove("");
        }
        return types;
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NULL -> "null";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case ARRAY, OBJECT, BINARY, MISSING, POJO -> "";
        };
    }

    private AvroShape integer(JsonNode schema, String path) {
        boolean bounded =
                schema.has("enum")
                        ? schema.path("enum").valueStream().allMatch(AvroShapeReader::fitsLong)
                        : schema.has("const")
                                ? fitsLong(schema.path("const"))
                                : (fits(schema, "minimum") || fits(schema, "exclusiveMinimum"))
                                        && (fits(schema, "maximum")
                                                || fits(schema, "exclusiveMaximum"));
        if (!bounded) {
            problem(path, "must be bounded within 64 bits; add minimum and maximum");
        }
        return new AvroShape.Int();
    }

    private static boolean fits(JsonNode schema, String keyword) {
        return schema.has(keyword) && fitsLong(schema.path(keyword));
    }

    private static boolean fitsLong(JsonNode value) {
        return value.isNull()
                || (value.isNumber()
                        && value.decimalValue().compareTo(LONG_MIN) >= 0
                        && value.decimalValue().compareTo(LONG_MAX) <= 0);
    }

    private AvroShape sequence(JsonNode schema, String path, String name) {
        JsonNode items = schema.path("items");
        if (!items.isObject()) {
            problem(path + "/items", "is missing; say what the items are");
            return new AvroShape.Sequence(new AvroShape.Text(), false);
        }
        Found item = read(items, path + "/items", name);
        return new AvroShape.Sequence(item.shape(), item.nullable());
    }

    private AvroShape structure(JsonNode schema, String path, String name) {
        JsonNode others = schema.path("additionalProperties");
        if (!others.isBoolean() || others.asBoolean()) {
            problem(
                    path + "/additionalProperties",
                    "must be false: a record has a fixed set of fields");
        }
        String recordName = unique(name);
        List<String> required =
                schema.path("required").valueStream().map(item -> item.asString("")).toList();
        List<AvroShape.Member> members = new ArrayList<>();
        Set<String> lowerCaseNames = new HashSet<>();
        for (var property : schema.path("properties").properties()) {
            String field = property.getKey();
            String fieldPath = path + "/properties/" + field;
            if (!AVRO_NAME.matcher(field).matches()) {
                problem(fieldPath, "is not a valid Avro name; use letters, digits and '_'");
                continue;
            }
            if (!lowerCaseNames.add(field.toLowerCase(Locale.ROOT))) {
                problem(fieldPath, "differs from another field only in upper and lower case");
            }
            Found found = read(property.getValue(), fieldPath, recordName + "_" + pascal(field));
            boolean optional = !required.contains(field);
            if (optional && found.nullable()) {
                problem(
                        fieldPath,
                        "is both optional and nullable, which Avro cannot tell apart; list it in"
                                + " required or disallow null");
            }
            members.add(
                    new AvroShape.Member(
                            field,
                            property.getValue().path("description").asString(""),
                            found.shape(),
                            optional,
                            found.nullable()));
        }
        return new AvroShape.Structure(
                recordName, schema.path("description").asString(""), members);
    }

    private String unique(String name) {
        String candidate = name;
        for (int i = 2; !recordNames.add(candidate); i++) {
            candidate = name + i;
        }
        return candidate;
    }

    static String pascal(String name) {
        StringBuilder pascal = new StringBuilder();
        for (String word : name.split("[-_]", -1)) {
            if (!word.isEmpty()) {
                pascal.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
            }
        }
        return pascal.toString();
    }

    private void problem(String path, String message) {
        problems.add(new AvroProblem(path, message));
    }
}
