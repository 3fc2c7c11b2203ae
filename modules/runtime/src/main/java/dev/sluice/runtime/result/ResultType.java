package dev.sluice.runtime.result;

import dev.sluice.analysis.check.WholeNumber;
import dev.sluice.contract.ResultEnvelope;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Avro record type of one analysis's results: the envelope's fields and, last, {@code output},
 * derived from the analysis's JSON Schema. Every output that the JSON Schema accepts survives the
 * conversion to Avro and back. Immutable.
 */
public final class ResultType {
    private static final String NAMESPACE = "dev.sluice.results";
    private static final JsonNodeFactory NODES = JsonMapper.shared().getNodeFactory();

    private final AvroShape.Structure shape;
    private final Schema schema;

    private ResultType(AvroShape.Structure shape, Schema schema) {
        this.shape = shape;
        this.schema = schema;
    }

    /**
     * Derives the type of an analysis's results.
     *
     * @throws IllegalArgumentException naming every part of the schema that has no Avro form
     */
    public static ResultType of(String analysis, JsonNode jsonSchema) {
        List<AvroProblem> problems = problems(analysis, jsonSchema);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "the output schema of " + analysis + " has no Avro form: " + problems);
        }
        AvroShape.Structure shape =
                new AvroShapeReader().readRoot(jsonSchema, outputName(analysis));
        return new ResultType(shape, envelope(analysis, structureSchema(shape, analysis)));
    }

    /** The parts of a schema that have no Avro form; empty if there are none. */
    public static List<AvroProblem> problems(String analysis, JsonNode jsonSchema) {
        AvroShapeReader reader = new AvroShapeReader();
        var _ = reader.readRoot(jsonSchema, outputName(analysis));
        return List.copyOf(reader.problems());
    }

    /** The schema of the records on the analysis's results topic. */
    public Schema schema() {
        return schema;
    }

    /** The Avro record of a result. */
    public GenericRecord result(ResultEnvelope envelope, ObjectNode output) {
        GenericRecord result = new GenericData.Record(schema);
        List<Schema.Field> fields = ResultEnvelope.getClassSchema().getFields();
        for (Schema.Field field : fields) {
            result.put(field.pos(), Envelopes.plain(envelope, field));
        }
        result.put(fields.size(), toAvro(output));
        return result;
    }

    /** The output of a result as JSON. */
    public ObjectNode output(GenericRecord result) {
        return toJson((GenericRecord) result.get("output"));
    }

    GenericRecord toAvro(ObjectNode output) {
        return record(output, shape, schema.getField("output").schema());
    }

    ObjectNode toJson(GenericRecord output) {
        return (ObjectNode) toJson(output, shape);
    }

    private static Schema envelope(String analysis, Schema output) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : ResultEnvelope.getClassSchema().getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        fields.add(new Schema.Field("output", output, "The validated answer.", (Object) null));
        return Schema.createRecord(
                AvroShapeReader.pascal(analysis) + "Result",
                "A result of the analysis " + analysis + ".",
                NAMESPACE,
                false,
                fields);
    }

    private static String outputName(String analysis) {
        return AvroShapeReader.pascal(analysis) + "Output";
    }

    private static Schema structureSchema(AvroShape.Structure structure, String analysis) {
        List<Schema.Field> fields = new ArrayList<>();
        for (AvroShape.Member member : structure.members()) {
            boolean absent = member.optional() || member.nullable();
            Schema type = schema(member.shape(), analysis);
            String doc = member.doc().isEmpty() ? null : member.doc();
            fields.add(
                    absent
                            ? new Schema.Field(
                                    member.name(),
                                    orNull(type),
                                    doc,
                                    Schema.Field.NULL_DEFAULT_VALUE)
                            : new Schema.Field(member.name(), type, doc));
        }
        return Schema.createRecord(
                structure.name(),
                structure.doc().isEmpty()
                        ? "Output of the analysis " + analysis + "."
                        : structure.doc(),
                NAMESPACE,
                false,
                fields);
    }

    private static Schema schema(AvroShape shape, String analysis) {
        return switch (shape) {
            case AvroShape.Text _ -> Schema.create(Schema.Type.STRING);
            case AvroShape.Int _ -> Schema.create(Schema.Type.LONG);
            case AvroShape.Decimal _ -> Schema.create(Schema.Type.DOUBLE);
            case AvroShape.Bool _ -> Schema.create(Schema.Type.BOOLEAN);
            case AvroShape.Sequence sequence -> {
                Schema item = schema(sequence.item(), analysis);
                yield Schema.createArray(sequence.nullableItems() ? orNull(item) : item);
            }
            case AvroShape.Structure structure -> structureSchema(structure, analysis);
        };
    }

    private static Schema orNull(Schema schema) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
    }

    private static Schema withoutNull(Schema schema) {
        return schema.getType() == Schema.Type.UNION ? schema.getTypes().get(1) : schema;
    }

    private static @Nullable Object toAvro(JsonNode value, AvroShape shape, Schema declared) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        Schema schema = withoutNull(declared);
        return switch (shape) {
            case AvroShape.Text _ -> value.asString();
            case AvroShape.Int _ -> WholeNumber.of(value);
            case AvroShape.Decimal _ -> value.decimalValue().doubleValue();
            case AvroShape.Bool _ -> value.asBoolean();
            case AvroShape.Sequence sequence -> {
                List<@Nullable Object> items = new ArrayList<>();
                value.forEach(
                        item -> items.add(toAvro(item, sequence.item(), schema.getElementType())));
                yield items;
            }
            case AvroShape.Structure structure -> record(value, structure, schema);
        };
    }

    private static GenericRecord record(
            JsonNode value, AvroShape.Structure structure, Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        for (AvroShape.Member member : structure.members()) {
            record.put(
                    member.name(),
                    toAvro(
                            value.path(member.name()),
                            member.shape(),
                            schema.getField(member.name()).schema()));
        }
        return record;
    }

    private static JsonNode toJson(@Nullable Object value, AvroShape shape) {
        if (value == null) {
            return NODES.nullNode();
        }
        return switch (shape) {
            case AvroShape.Text _ -> NODES.stringNode(value.toString());
            case AvroShape.Int _ -> NODES.numberNode((long) value);
            case AvroShape.Decimal _ -> NODES.numberNode((double) value);
            case AvroShape.Bool _ -> NODES.booleanNode((boolean) value);
            case AvroShape.Sequence sequence -> {
                ArrayNode items = NODES.arrayNode();
                ((List<?>) value).forEach(item -> items.add(toJson(item, sequence.item())));
                yield items;
            }
            case AvroShape.Structure structure -> {
                ObjectNode object = NODES.objectNode();
                for (AvroShape.Member member : structure.members()) {
                    Object field = ((GenericRecord) value).get(member.name());
                    if (field != null || !member.optional()) {
                        object.set(member.name(), toJson(field, member.shape()));
                    }
                }
                yield object;
            }
        };
    }
}
