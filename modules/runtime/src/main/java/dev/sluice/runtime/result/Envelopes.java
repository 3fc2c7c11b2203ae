package dev.sluice.runtime.result;

import dev.sluice.contract.ResultEnvelope;
import org.apache.avro.Conversion;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/** Fields of generated records in Avro's plain form: generic records know no logical types. */
final class Envelopes {
    private static final SpecificData MODEL = SpecificData.getForClass(ResultEnvelope.class);

    private Envelopes() {}

    /** A field's value as it is written; records in it have no logical types of their own. */
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
