package dev.sluice.contract.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.util.ClassUtils;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka deserializer of Avro in Confluent's wire format. Accepts Confluent's configuration keys,
 * and rejects those that it does not support. Safe for use by many threads once configured.
 *
 * <p>Errors: {@link UndecodableException} for bytes that are not valid, {@link
 * dev.sluice.contract.registry.SchemaNotFoundException} for an id that the registry does not know,
 * {@link dev.sluice.contract.registry.RegistryUnavailableException} while the registry cannot be
 * reached.
 */
public final class ConfluentAvroDeserializer<T> extends RegistrySerde implements Deserializer<T> {
    static {
        TrustedRecords.install();
    }

    private static final int READER_LIMIT = 1_000;

    private final Map<Integer, DatumReader<?>> readers = new ConcurrentHashMap<>();

    @Override
    public @Nullable T deserialize(String topic, Headers headers, byte @Nullable [] framed) {
        Header idHeader = headers.lastHeader(isKey() ? "__key_schema_id" : "__value_schema_id");
        if (idHeader != null && idHeader.value() != null) {
            throw new UndecodableException(
                    "the record carries its schema id in the header "
                            + idHeader.key()
                            + ", which this serde does not read; have its producer use the prefix"
                            + " format",
                    null);
        }
        return deserialize(topic, framed);
    }

    @Override
    @SuppressWarnings("unchecked") // as with every Avro reader, the schema decides the type
    public @Nullable T deserialize(String topic, byte @Nullable [] framed) {
        if (framed == null) {
            return null;
        }
        int id = WireFormat.schemaId(framed);
        DatumReader<?> reader = readers.get(id);
        if (reader == null) {
            reader = prepare(id, topic);
            if (readers.size() >= READER_LIMIT) {
                readers.clear();
            }
            readers.put(id, reader);
        }
        return (T) read(reader, framed, id);
    }

    private DatumReader<?> prepare(int id, String topic) {
        SerdeConfig config = config();
        Schema writer = registry().byId(id, subject(topic));
        if (config.specificReader()
                && !config.specificValueType().isEmpty()
                && writer.getType() != Schema.Type.RECORD) {
            throw new UndecodableException(
                    "schema " + id + " is of type " + writer.getType().getName() + ", not a record",
                    null);
        }
        if (writer.getType() == Schema.Type.BYTES) {
            return new RawBytesReader();
        }
        if (!config.specificReader() || writer.getType() != Schema.Type.RECORD) {
            return new GenericDatumReader<>(
                    writer, writer, LogicalTypes.model(config.logicalTypeConverters()));
        }
        Class<?> type = specificClass(writer, config.specificValueType());
        SpecificData model = SpecificData.getForClass(type);
        Schema expected = model.getSchema(type);
        return TimestampUnits.reader(
                writer, expected, written -> new SpecificDatumReader<>(written, expected, model));
    }

    private static Class<?> specificClass(Schema writer, String configured) {
        String name = configured.isEmpty() ? SpecificData.getClassName(writer) : configured;
        try {
            return ClassUtils.forName(ConfluentAvroDeserializer.class, name);
        } catch (ClassNotFoundException e) {
            if (!configured.isEmpty()) {
                throw new ConfigException(
                        "specific.avro.value.type", name, "is not on the class path");
            }
            throw new SerializationException(
                    "no generated class " + name + " on the class path for the writer's schema", e);
        }
    }

    private @Nullable Object read(DatumReader<?> reader, byte[] framed, int id) {
        int length = framed.length - WireFormat.PREFIX_LENGTH;
        if (reader instanceof RawBytesReader) {
            return Arrays.copyOfRange(framed, WireFormat.PREFIX_LENGTH, framed.length);
        }
        try {
            BinaryDecoder decoder =
                    DecoderFactory.get()
                            .binaryDecoder(framed, WireFormat.PREFIX_LENGTH, length, null);
            Object value = reader.read(null, decoder);
            if (config().failOnTrailingData() && !decoder.isEnd()) {
                throw new UndecodableException("there are more bytes after the record", null);
            }
            return value instanceof CharSequence ? value.toString() : value;
        } catch (UndecodableException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // A recursive schema allows records nested deeply enough to overflow the stack.
            throw new UndecodableException(
                    "the bytes are not a valid record of schema " + id + ": " + e, e);
        }
    }

    /**
     * Marks a writer's schema of top-level bytes, which follow the prefix without Avro's length.
     */
    private static final class RawBytesReader implements DatumReader<ByteBuffer> {
        @Override
        public void setSchema(Schema schema) {}

        @Override
        public ByteBuffer read(ByteBuffer reuse, org.apache.avro.io.Decoder in) {
            throw new UnsupportedOperationException("raw bytes are not decoded");
        }
    }
}
