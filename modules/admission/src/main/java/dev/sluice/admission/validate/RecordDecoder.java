package dev.sluice.admission.validate;

import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.UndecodableException;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Decodes the values of records, and separates invalid bytes from failures of the schema registry.
 */
public final class RecordDecoder<T> {
    private final ConfluentAvroDeserializer<T> deserializer;

    public RecordDecoder(ConfluentAvroDeserializer<T> deserializer) {
        this.deserializer = deserializer;
    }

    /**
     * Decodes a record's value.
     *
     * @throws UndecodableException if the bytes cannot be decoded, for whatever reason
     * @throws UnknownSchemaException if the registry does not know their schema, or a lagging
     *     replica does not know it yet
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: read it again later
     */
    public T decode(SourceRecord record) {
        ByteBuffer value = record.getValue();
        if (value == null) {
            throw new UndecodableException("the record has no value", null);
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        try {
            T decoded = deserializer.deserialize(record.getTopic().toString(), bytes);
            if (decoded == null) {
                throw new UndecodableException("the record has no value", null);
            }
            return decoded;
        } catch (SchemaNotFoundException e) {
            throw new UnknownSchemaException(e);
        } catch (UndecodableException | InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            // Every other failure comes from these bytes; one record must not stop admission.
            throw new UndecodableException(String.valueOf(e.getMessage()), e);
        }
    }
}
