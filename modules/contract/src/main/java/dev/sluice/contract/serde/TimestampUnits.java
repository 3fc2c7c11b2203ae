package dev.sluice.contract.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads records whose writer stored timestamps in other units than the reader's milliseconds. Avro
 * itself does not convert them: it would read a deadline in microseconds as one in the year 57,000.
 */
final class TimestampUnits implements DatumReader<Object> {
    /** Units per millisecond, by logical type. */
    private static final Map<String, Long> TIMESTAMPS =
            Map.of(
                    "timestamp-millis", 1L,
                    "local-timestamp-millis", 1L,
                    "timestamp-micros", 1_000L,
                    "local-timestamp-micros", 1_000L,
                    "timestamp-nanos", 1_000_000L,
                    "local-timestamp-nanos", 1_000_000L);

    private final Schema writer;
    private final Schema inMillis;
    private final DatumReader<?> reader;

    private TimestampUnits(Schema writer, Schema inMillis, DatumReader<?> reader) {
        this.writer = writer;
        this.inMillis = inMillis;
        this.reader = reader;
    }

    /** Creates the reader for a writer's schema. */
    interface Readers {
        DatumReader<?> of(Schema writer);
    }

    /**
     * A reader that converts timestamps to milliseconds if the writer's units differ.
     *
     * @throws UndecodableException if the reader expects a timestamp and the writer has a date or a
     *     time of day
     */
    static DatumReader<?> reader(Schema writer, Schema expected, Readers readers) {
        Schema inMillis = inMillis(writer, expected, "", new ArrayList<>());
        return inMillis.equals(writer)
                ? readers.of(writer)
                : new TimestampUnits(writer, inMillis, readers.of(inMillis));
    }

    /** The writer's schema, with milliseconds wherever the reader expects them. */
    private static Schema inMillis(Schema writer, Schema reader, String path, List<Schema> within) {
        if (reader.getType() == Schema.Type.UNION) {
            return writer.getType() == Schema.Type.UNION
                    ? Schema.createUnion(
                            writer.getTypes().stream()
                                    .map(branch -> inMillis(branch, reader, path, within))
                                    .toList())
                    : counterpart(writer, reader)
                            .map(branch -> inMillis(writer, branch, path, within))
                            .orElse(writer);
        }
        return switch (writer.getType()) {
            case UNION ->
                    Schema.createUnion(
                            writer.getTypes().stream()
                                    .map(branch -> inMillis(branch, reader, path, within))
                                    .toList());
            case RECORD ->
                    reader.getType() != Schema.Type.RECORD || within.contains(writer)
                            ? writer
                            : record(writer, reader, path, within);
            case ARRAY ->
                    reader.getType() == Schema.Type.ARRAY
                            ? Schema.createArray(
                                    inMillis(
                                            writer.getElementType(),
                                            reader.getElementType(),
                                            path,
                                            within))
                            : writer;
            case LONG, INT -> number(writer, reader, path);
            default -> writer;
        };
    }

    /** The branch of the reader's union that reads a value of the writer's type. */
    private static Optional<Schema> counterpart(Schema writer, Schema union) {
        return union.getTypes().stream()
                .filter(branch ->
                        branch.getType() == writer.getType()
                                || (writer.getType() == Schema.Type.INT
                                        && branch.getType() == Schema.Type.LONG))
                .filter(branch ->
                        branch.getType() != Schema.Type.RECORD
                                || branch.getName().equals(writer.getName()))
                .findFirst();
    }

    private static Schema record(Schema writer, Schema reader, String path, List<Schema> within) {
        List<Schema> inside = new ArrayList<>(within);
        inside.add(writer);
        boolean same = true;
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : writer.getFields()) {
            Schema.Field expected = reader.getField(field.name());
            String name = path.isEmpty() ? field.name() : path + "." + field.name();
            Schema changed =
                    expected == null
                            ? field.schema()
                            : inMillis(field.schema(), expected.schema(), name, inside);
            same &= changed.equals(field.schema());
            // Defaults are omitted: they are only used to read other records.
            fields.add(new Schema.Field(field.name(), changed, field.doc()));
        }
        return same
                ? writer
                : Schema.createRecord(writer.getName(), null, writer.getNamespace(), false, fields);
    }

    private static Schema number(Schema writer, Schema reader, String path) {
        if (!"timestamp-millis".equals(logicalType(reader))) {
            return writer;
        }
        String written = logicalType(writer);
        if (written == null) {
            return writer;
        }
        Long units = TIMESTAMPS.get(written);
        if (units == null) {
            throw new UndecodableException(
                    path
                            + " is written as "
                            + written
                            + ", which is not a timestamp; write it as timestamp-millis,"
                            + " timestamp-micros or timestamp-nanos",
                    null);
        }
        return units == 1 ? writer : Schema.create(Schema.Type.LONG);
    }

    /** The logical type in the schema's JSON, because Avro drops types that it does not know. */
    private static @Nullable String logicalType(Schema schema) {
        return schema.getProp("logicalType");
    }

    @Override
    public void setSchema(Schema schema) {
        throw new UnsupportedOperationException("the schemas of this reader are fixed");
    }

    @Override
    public Object read(@Nullable Object reuse, Decoder in) throws IOException {
        Object value = new GenericDatumReader<>(writer).read(null, in);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(inMillis).write(converted(value, writer, inMillis), encoder);
        encoder.flush();
        return reader.read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
    }

    private static @Nullable Object converted(@Nullable Object value, Schema from, Schema to) {
        if (value == null || from.equals(to)) {
            return value;
        }
        return switch (from.getType()) {
            case UNION -> {
                int branch = GenericData.get().resolveUnion(from, value);
                yield converted(value, from.getTypes().get(branch), to.getTypes().get(branch));
            }
            case RECORD -> {
                IndexedRecord record = (IndexedRecord) value;
                GenericData.Record next = new GenericData.Record(to);
                for (Schema.Field field : from.getFields()) {
                    int at = field.pos();
                    next.put(
                            at,
                            converted(
                                    record.get(at),
                                    field.schema(),
                                    to.getFields().get(at).schema()));
                }
                yield next;
            }
            case ARRAY -> {
                List<@Nullable Object> next = new ArrayList<>();
                for (Object element : (List<?>) value) {
                    next.add(converted(element, from.getElementType(), to.getElementType()));
                }
                yield next;
            }
            default -> Math.floorDiv((Long) value, unitsOf(from));
        };
    }

    private static long unitsOf(Schema instant) {
        Long units = TIMESTAMPS.get(String.valueOf(logicalType(instant)));
        if (units == null) {
            throw new IllegalStateException("only timestamps are converted");
        }
        return units;
    }
}
