package dev.sluice.runtime.result;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.WireFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Copies results for identical requests. Only the envelope is decoded and rewritten: the output is
 * the last field of a result, and its bytes are copied unchanged. Safe for use by many threads.
 */
public final class ResultCopies {
    private final SchemaRegistry registry;
    private final Map<Integer, Schema> envelopes = new ConcurrentHashMap<>();

    public ResultCopies(SchemaRegistry registry) {
        this.registry = registry;
    }

    /**
     * A result for a request that did not pay for it.
     *
     * @param value the record's value
     * @param saved what the result cost the request that paid, in USD; its unconfirmed part counts
     *     at its worst case
     */
    public record Copy(Bytes value, BigDecimal saved) {}

    /**
     * Copies a result for a request that did not pay for it.
     *
     * @param topic topic of the result
     * @param value value of the record that was published for the request that paid
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached
     */
    public Copy copy(String topic, byte[] value, AnalysisRequest request, int generation) {
        int schemaId = WireFormat.schemaId(value);
        Schema schema = envelopes.get(schemaId);
        if (schema == null) {
            schema = envelope(registry.byId(schemaId, topic + "-value"));
            envelopes.put(schemaId, schema);
        }
        ByteArrayInputStream in =
                new ByteArrayInputStream(
                        value, WireFormat.PREFIX_LENGTH, value.length - WireFormat.PREFIX_LENGTH);
        ByteArrayOutputStream out = new ByteArrayOutputStream(value.length + 256);
        try {
            // A direct decoder reads only the envelope; the remaining bytes are the output.
            GenericRecord envelope =
                    new GenericDatumReader<GenericRecord>(schema)
                            .read(null, DecoderFactory.get().directBinaryDecoder(in, null));
            BigDecimal saved = usd(envelope, "costUsd").add(usd(envelope, "unconfirmedUsd"));
            address(envelope, request, generation);
            out.write(value, 0, WireFormat.PREFIX_LENGTH);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(schema).write(envelope, encoder);
            in.transferTo(out);
            return new Copy(Bytes.wrap(out.toByteArray()), saved);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a result again in memory", e);
        }
    }

    /** The writer's schema of the fields before the output. */
    private static Schema envelope(Schema result) {
        List<Schema.Field> fields = result.getFields();
        return Schema.createRecord(
                result.getName(),
                null,
                result.getNamespace(),
                false,
                fields.subList(0, fields.size() - 1).stream()
                        .map(field -> new Schema.Field(field, field.schema()))
                        .toList());
    }

    private static void address(GenericRecord envelope, AnalysisRequest request, int generation) {
        put(envelope, "paidBy", envelope.get("requestId"));
        put(envelope, "requestId", request.getRequestId());
        put(envelope, "generation", generation);
        put(envelope, "attributes", request.getAttributes());
        put(envelope, "runId", request.getRunId());
        put(
                envelope,
                "submittedAt",
                request.getSubmittedAt() == null ? null : request.getSubmittedAt().toEpochMilli());
        for (String field : List.of("costUsd", "unconfirmedUsd")) {
            put(envelope, field, ByteBuffer.wrap(new byte[] {0}));
        }
        for (String field : List.of("calls", "repairs")) {
            put(envelope, field, 0);
        }
        Schema.Field usage = envelope.getSchema().getField("usage");
        if (usage != null) {
            envelope.put(usage.pos(), GenericData.get().getDefaultValue(usage));
        }
    }

    /** An amount of the envelope; 0 if it has none. */
    private static BigDecimal usd(GenericRecord envelope, String name) {
        Schema.Field field = envelope.getSchema().getField(name);
        return field != null
                        && envelope.get(field.pos()) instanceof ByteBuffer bytes
                        && field.schema().getLogicalType() instanceof LogicalTypes.Decimal decimal
                ? new Conversions.DecimalConversion().fromBytes(bytes, field.schema(), decimal)
                : BigDecimal.ZERO;
    }

    private static void put(GenericRecord envelope, String name, @Nullable Object value) {
        Schema.Field field = envelope.getSchema().getField(name);
        if (field != null) {
            envelope.put(field.pos(), value);
        }
    }
}
