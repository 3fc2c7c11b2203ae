package dev.sluice.contract.serde;

import dev.sluice.contract.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka serializer of Avro in Confluent's wire format. It writes the same bytes as Confluent's
 * serializer, under the subject {@code TOPIC-value} or {@code TOPIC-key}. Accepts Confluent's
 * configuration keys, and rejects those that it does not support. Safe for use by many threads once
 * configured.
 *
 * <p>Errors: {@link dev.sluice.contract.registry.RegistryUnavailableException} while the registry
 * cannot be reached (retriable), {@link SerializationException} for a value that does not match its
 * schema.
 */
public final class ConfluentAvroSerializer<T> extends RegistrySerde implements Serializer<T> {
    static {
        TrustedRecords.install();
    }

    /** Encoders with a buffer of 1 KiB, which holds most records in one or a few pieces. */
    private static final EncoderFactory ENCODERS = new EncoderFactory().configureBufferSize(1_024);

    private static final int MIN_LENGTH = 128;

    /** Largest initial buffer for a value whose length is not known yet. */
    private static final int MAX_EXPECTED = 64 << 10;

    private final Map<TopicSchema, Writer> writers = new ConcurrentHashMap<>();

    private record TopicSchema(String topic, Schema schema) {}

    /**
     * The writer of one schema's values to one topic.
     *
     * @param own writes values with their own schema
     * @param target schema to convert values to; null if they are written with their own
     * @param goodUntil time until which the newest schema is cached
     * @param length expected length of a value, in bytes
     */
    private record Writer(
            int schemaId,
            DatumWriter<Object> own,
            @Nullable Schema target,
            Instant goodUntil,
            AtomicInteger length) {
        Writer(int schemaId, DatumWriter<Object> own, @Nullable Schema target, Instant goodUntil) {
            this(schemaId, own, target, goodUntil, new AtomicInteger(MIN_LENGTH));
        }

        /** A buffer for a value of the last one's length, and some more. */
        ByteArrayOutputStream room() {
            return new ByteArrayOutputStream(length.getPlain() + MIN_LENGTH);
        }

        byte[] done(ByteArrayOutputStream out) {
            length.setPlain(Math.min(out.size(), MAX_EXPECTED));
            return out.toByteArray();
        }
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T value) {
        if (value == null) {
            return null;
        }
        Schema schema = schemaOf(value);
        TopicSchema key = new TopicSchema(topic, schema);
        Writer writer = writers.get(key);
        if (writer == null || InstantSource.system().instant().isAfter(writer.goodUntil())) {
            writer = prepare(topic, schema, value);
            writers.put(key, writer);
        }
        try {
            return write(writer, schema, value);
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "a value does not fit its schema "
                            + schema.getFullName()
                            + " for topic "
                            + topic
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Checks that records of a schema can be written to a topic, before the first record: registers
     * the schema or looks it up, as writing does.
     *
     * @throws SerializationException if the registry rejects the schema
     * @throws dev.sluice.contract.registry.RegistryUnavailableException if the registry cannot be
     *     reached
     */
    public void require(String topic, Schema schema) {
        prepare(topic, schema, new GenericData.Record(schema));
    }

    private Writer prepare(String topic, Schema schema, Object value) {
        SerdeConfig settings = config();
        SchemaRegistry schemas = registry();
        String subject = subject(topic);
        Schema text = settings.removeJavaProperties() ? JavaProperties.without(schema) : schema;
        DatumWriter<Object> own = datumWriter(schema, value, settings);
        if (settings.autoRegister()) {
            int id = schemas.register(subject, text, settings.normalize());
            return new Writer(id, own, null, Instant.MAX);
        }
        if (!settings.useLatest()) {
            int id = schemas.lookUp(subject, text, settings.normalize());
            return new Writer(id, own, null, Instant.MAX);
        }
        SchemaRegistry.Registered latest = schemas.latest(subject);
        if (settings.latestStrict()
                && SchemaCompatibility.checkReaderWriterCompatibility(latest.schema(), schema)
                                .getType()
                        != SchemaCompatibilityType.COMPATIBLE) {
            throw new SerializationException(
                    "the newest schema of "
                            + subject
                            + " (id "
                            + latest.id()
                            + ") cannot read "
                            + schema.getFullName()
                            + "; register a compatible one or set"
                            + " latest.compatibility.strict=false");
        }
        return new Writer(
                latest.id(),
                own,
                latest.schema().equals(schema) ? null : latest.schema(),
                InstantSource.system().instant().plus(settings.latestLife()));
    }

    private static byte[] write(Writer writer, Schema schema, Object value) throws IOException {
        ByteArrayOutputStream out = writer.room();
        out.write(WireFormat.prefix(writer.schemaId()));
        if (schema.getType() == Schema.Type.BYTES) {
            // Confluent's special case: top-level bytes are written as they are, without Avro's
            // length.
            out.write(value instanceof ByteBuffer buffer ? remaining(buffer) : (byte[]) value);
            return writer.done(out);
        }
        if (writer.target() == null) {
            encode(writer.own(), value, out);
            return writer.done(out);
        }
        // Fields match by name, not by position: encode with the value's schema, decode with the
        // target.
        ByteArrayOutputStream ownForm = writer.room();
        encode(writer.own(), value, ownForm);
        Object resolved =
                new GenericDatumReader<>(schema, writer.target())
                        .read(
                                null,
                                DecoderFactory.get().binaryDecoder(ownForm.toByteArray(), null));
        encode(new GenericDatumWriter<>(writer.target()), resolved, out);
        return writer.done(out);
    }

    private static void encode(
            DatumWriter<Object> writer, @Nullable Object value, ByteArrayOutputStream out)
            throws IOException {
        BinaryEncoder encoder = ENCODERS.binaryEncoder(out, null);
        writer.write(value, encoder);
        encoder.flush();
    }

    private static DatumWriter<Object> datumWriter(
            Schema schema, Object value, SerdeConfig settings) {
        if (value instanceof SpecificRecord) {
            return new SpecificDatumWriter<>(schema, SpecificData.getForClass(value.getClass()));
        }
        return new GenericDatumWriter<>(
                schema, LogicalTypes.model(settings.logicalTypeConverters()));
    }

    private static Schema schemaOf(Object value) {
        if (value instanceof GenericContainer container) {
            return container.getSchema();
        }
        if (value instanceof CharSequence) {
            return Schema.create(Schema.Type.STRING);
        }
        if (value instanceof byte[] || value instanceof ByteBuffer) {
            return Schema.create(Schema.Type.BYTES);
        }
        if (value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof Boolean) {
            return GenericData.get().induce(value);
        }
        throw new SerializationException(
                "cannot write a " + value.getClass().getName() + " as Avro: it has no schema");
    }

    private static byte[] remaining(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
