package dev.sluice.runtime.result;

import dev.sluice.contract.ResultEnvelope;
import org.apache.avro.Conversion;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * Converts the envelope's fields to Avro's raw types, because generic records do not convert
 * logical types.
 */
final class Envelopes {
    private static final SpecificData MODEL = SpecificData.getForClass(ResultEnvelope.class);

    private Envelopes() {}

    /** The raw value of a field. Nested records have no logical types. */
    static @Nullable Object plain(ResultEnvelope envelope, Schema.Field field) {
        Object value = envelope.get(field.pos());
        Schema schema = field.schema().isUnion() ? present(field.schema()) : field.schema();
        LogicalType type = schema.getLogicalType();
        if (value == null || type == null) {
            return value;
        }
        Conversion<?> conversion = MODEL.getConversionByClass(value.getClass(), type);
        return Conversions.convertToRawType(value, schema, type, conversion);
    }

    private static Schema present(Schema optional) {
        return optional.getTypes().stream()
                .filter(type -> type.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }
}
