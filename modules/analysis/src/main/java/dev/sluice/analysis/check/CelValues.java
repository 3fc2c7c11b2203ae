package dev.sluice.analysis.check;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Conversion of JSON to CEL values: numbers get the type of their field, null becomes CEL's null.
 */
final class CelValues {
    private CelValues() {}

    static Object of(JsonNode node, CelType declared) {
        CelType type = declared instanceof NullableType nullable ? nullable.targetType() : declared;
        return switch (node.getNodeType()) {
            case OBJECT -> object(node, type);
            case ARRAY -> array(node, type);
            case NUMBER ->
                    // 5.0 is an integer of JSON Schema, and 5 is a number.
                    type.equals(SimpleType.INT)
                                    || (!type.equals(SimpleType.DOUBLE) && node.isIntegralNumber())
                            ? (Object) WholeNumber.of(node)
                            : (Object) node.asDouble();
            case BOOLEAN -> node.asBoolean();
            case STRING -> node.asString();
            case NULL, MISSING, BINARY, POJO -> NullValue.NULL_VALUE;
        };
    }

    private static Map<String, Object> object(JsonNode node, CelType type) {
        Map<String, Object> fields = new LinkedHashMap<>();
        node.forEachEntry((name, value) -> fields.put(name, of(value, field(type, name))));
        return fields;
    }

    private static CelType field(CelType type, String name) {
        return type instanceof StructType struct
                ? struct.findField(name).map(StructType.Field::type).orElse(SimpleType.DYN)
                : SimpleType.DYN;
    }

    private static List<Object> array(JsonNode node, CelType type) {
        CelType item =
                type instanceof ListType list && list.hasElemType()
                        ? list.elemType()
                        : SimpleType.DYN;
        List<Object> items = new ArrayList<>(node.size());
        node.forEach(value -> items.add(of(value, item)));
        return items;
    }
}
