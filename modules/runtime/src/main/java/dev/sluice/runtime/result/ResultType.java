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
 * The Avro record of one analysis's results: the envelope's fields and, last, {@code output}, made
 * from the analysis's JSON Schema. Every output the schema accepts survives the way to Avro and
 * back.
 */
public final class ResultType {
    private static final String NAMESPACE = "dev.sluice.results";
    private static final JsonNodeFactory NODES = JsonMapper.shared().getNodeFactory();

    private final Form.Structure form;
    private final Schema schema;

    private ResultType(Form.Structure form, Schema schema) {
        this.form = form;
        this.schema = schema;
    }

    /**
     * Derives the type.
     *
     * @throws IllegalArgumentException naming every part of the schema that has no Avro form
     */
    public static ResultType of(String analysis, JsonNode jsonSchema) {
        List<AvroProblem> problems = problems(analysis, jsonSchema);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "the output schema of " + analysis + " has no Avro form: " + problems);
        }
        Form.Structure form = new FormReader(jsonSchema).readRoot(outputName(analysis));
        return new ResultType(form, envelope(analysis, structureSchema(form, analysis)));
    }

    /** What in the schema has no Avro form; empty where all is well. */
    public static List<AvroProblem> problems(String analysis, JsonNode jsonSchema) {
        FormReader reader = new FormReader(jsonSchema);
        var _ = reader.readRoot(outputName(analysis));
        return List.copyOf(reader.problems());
    }

    /** Schema of the records on the results topic. */
    public Schema schema() {
        return schema;
    }

    /** A result. */
    public GenericRecord result(ResultEnvelope envelope, ObjectNode output) {
        GenericRecord result = new GenericData.Record(schema);
        List<Schema.Field> fields = ResultEnvelope.getClassSchema().getFields();
        for (Schema.Field field : fields) {
            result.put(field.pos(), Envelopes.plain(envelope, field));
        }
        result.put(fields.size(), toAvro(output));
        return result;
    }

    /** The output of a result, as JSON. */
    public ObjectNode output(GenericRecord result) {
        return toJson((GenericRecord) result.get("output"));
    }

    GenericRecord toAvro(ObjectNode output) {
        return record(output, form, schema.getField("output").schema());
    }

    ObjectNode toJson(GenericRecord output) {
        return (ObjectNode) toJson(output, form);
    }

    private static Schema envelope(String analysis, Schema output) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : ResultEnvelope.getClassSchema().getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        fields.add(new Schema.Field("output", output, "The validated answer.", (Object) null));
        return Schema.createRecord(
                FormReader.pascal(analysis) + "Result",
                "A result of the analysis " + analysis + ".",
                NAMESPACE,
                false,
                fields);
    }

    private static String outputName(String analysis) {
        return FormReader.pascal(analysis) + "Output";
    }

    private static Schema structureSchema(Form.Structure structure, String analysis) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Form.Member member : structure.members()) {
            boolean absent = member.optional() || member.nullable();
            Schema type = schema(member.form(), analysis);
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

    private static Schema schema(Form form, String analysis) {
        return switch (form) {
            case Form.Text _ -> Schema.create(Schema.Type.STRING);
            case Form.Whole _ -> Schema.create(Schema.Type.LONG);
            case Form.Decimal _ -> Schema.create(Schema.Type.DOUBLE);
            case Form.Truth _ -> Schema.create(Schema.Type.BOOLEAN);
            case Form.Sequence sequence -> {
                Schema item = schema(sequence.item(), analysis);
                yield Schema.createArray(sequence.nullableItems() ? orNull(item) : item);
            }
            case Form.Structure structure -> structureSchema(structure, analysis);
        };
    }

    private static Schema orNull(Schema schema) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
    }

    private static Schema withoutNull(Schema schema) {
        return schema.getType() == Schema.Type.UNION ? schema.getTypes().get(1) : schema;
    }

    private static @Nullable Object toAvro(JsonNode value, Form form, Schema declared) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        Schema schema = withoutNull(declared);
        return switch (form) {
            case Form.Text _ -> value.asString();
            case Form.Whole _ -> WholeNumber.of(value);
            case Form.Decimal _ -> value.decimalValue().doubleValue();
            case Form.Truth _ -> value.asBoolean();
            case Form.Sequence sequence -> {
                List<@Nullable Object> items = new ArrayList<>();
                value.forEach(
                        item -> items.add(toAvro(item, sequence.item(), schema.getElementType())));
                yield items;
            }
            case Form.Structure structure -> record(value, structure, schema);
        };
    }

    private static GenericRecord record(JsonNode value, Form.Structure structure, Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        for (Form.Member member : structure.members()) {
            record.put(
                    member.name(),
                    toAvro(
                            value.path(member.name()),
                            member.form(),
                            schema.getField(member.name()).schema()));
        }
        return record;
    }

    private static JsonNode toJson(@Nullable Object value, Form form) {
        if (value == null) {
            return NODES.nullNode();
        }
        return switch (form) {
            case Form.Text _ -> NODES.stringNode(value.toString());
            case Form.Whole _ -> NODES.numberNode((long) value);
            case Form.Decimal _ -> NODES.numberNode((double) value);
            case Form.Truth _ -> NODES.booleanNode((boolean) value);
            case Form.Sequence sequence -> {
                ArrayNode items = NODES.arrayNode();
                ((List<?>) value).forEach(item -> items.add(toJson(item, sequence.item())));
                yield items;
            }
            case Form.Structure structure -> {
                ObjectNode object = NODES.objectNode();
                for (Form.Member member : structure.members()) {
                    Object field = ((GenericRecord) value).get(member.name());
                    if (field != null || !member.optional()) {
                        object.set(member.name(), toJson(field, member.form()));
                    }
                }
                yield object;
            }
        };
    }
}
