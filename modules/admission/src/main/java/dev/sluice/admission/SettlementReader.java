package dev.sluice.admission;

import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads settlements. One that is none is said in the log and passed over. */
final class SettlementReader {
    private static final Logger log = LoggerFactory.getLogger(SettlementReader.class);

    private final ConfluentAvroDeserializer<Settlement> deserializer;

    SettlementReader(ConfluentAvroDeserializer<Settlement> deserializer) {
        this.deserializer = deserializer;
    }

    /**
     * Reads one; empty if it is none.
     *
     * @throws RegistryUnavailableException while the registry cannot be reached: read again later
     * @throws UnknownSchemaException if the registry does not know its schema
     */
    Optional<Settlement> read(SourceRecord record) {
        ByteBuffer value = record.getValue();
        if (value == null) {
            return Optional.empty();
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        try {
            return Optional.ofNullable(
                    deserializer.deserialize(record.getTopic().toString(), bytes));
        } catch (SchemaNotFoundException e) {
            throw new UnknownSchemaException(e);
        } catch (RegistryUnavailableException
                | AuthenticationException
                | AuthorizationException
                | InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("partition", record.getPartition())
                    .addKeyValue("offset", record.getOffset())
                    .log("not a settlement; it is passed over");
            return Optional.empty();
        }
    }
}
