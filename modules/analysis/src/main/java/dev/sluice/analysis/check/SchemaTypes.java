package dev.sluice.analysis.check;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * CEL types for the parts of a JSON Schema, so that a misspelt field is reported when an expression
 * is compiled and not when it runs.
 */
final class SchemaTypes {
    private final ImmutableMap.Builder<String, CelType> structs = ImmutableMap.builder();
    private int number;

    /**
     * The CEL type of a part of a schema.
     *
     * @param path location in the schema, for messages
     */
    CelType of(String path, JsonNode schema) {
        JsonNode type = schema.path("type");
        if (!type.isArray()) {
            return named(type.asString(""), path, schema);
        }
        List<String> names =
                type.valueStream()
                        .map(name -> name.asString(""))
                        .filter(name -> !name.equals("null"))
                        .toList();
        CelType one = names.size() == 1 ? named(names.getFirst(), path, schema) : SimpleType.DYN;
        return names.size() == type.size() || one.equals(SimpleType.DYN)
                ? one
                : NullableType.create(one);
    }

    private CelType named(String type, String path, JsonNode schema) {
        return switch (type) {
            case "string" -> SimpleType.STRING;
            case "integer" -> SimpleType.INT;
            case "number" -> SimpleType.DOUBLE;
            case "boolean" -> SimpleType.BOOL;
            case "array" -> ListType.create(of(path + "[]", schema.path("items")));
            case "object" ->
                    schema.path("properties").isObject()
                            ? struct(path, schema.path("properties"))
                            : MapType.create(SimpleType.STRING, SimpleType.DYN);
            default -> SimpleType.DYN;
        };
    }

    private CelType struct(String path, JsonNode properties) {
        ImmutableMap.Builder<String, CelType> fields = ImmutableMap.builder();
        properties.forEachEntry((name, field) -> fields.put(name, of(path + "." + name, field)));
        return struct(path, fields.buildOrThrow());
    }

    /** A struct type with these fields. */
    CelType struct(String path, ImmutableMap<String, CelType> fields) {
        // A type name that looks like a field's path would be resolved instead of the field.
        String name = "object(" + path + ")#" + number++;
        StructType struct =
                StructType.create(
                        name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
        structs.put(name, struct);
        return struct;
    }

    /** Provider of the struct types created so far. */
    CelTypeProvider provider() {
        return new Structs(structs.buildOrThrow());
    }

    private record Structs(ImmutableMap<String, CelType> byName) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return byName.values();
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(byName.get(name));
        }
    }
}
