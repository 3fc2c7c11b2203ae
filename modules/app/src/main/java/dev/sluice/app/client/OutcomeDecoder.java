package dev.sluice.app.client;

import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes the records of outcome topics. */
final class OutcomeDecoder {
    private final ConfluentAvroDeserializer<GenericRecord> deserializer;
    private final String deadLetters;
    private final UnreadRecords unread = new UnreadRecords("the outcome topics");

    OutcomeDecoder(KafkaConnection connection, SchemaRegistry registry) {
        this.deserializer = connection.genericDeserializer(registry);
        this.deadLetters = connection.topics().deadLetters();
    }

    /**
     * The outcome in a record; empty, and counted, if it is none.
     *
     * @throws RuntimeException if the registry does not answer ({@link RegistryOutage})
     */
    Optional<OutcomeRecord> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            GenericRecord value = deserializer.deserialize(record.topic(), record.value());
            if (value != null && value.hasField("generation") && value.hasField("costUsd")) {
                return Optional.of(new OutcomeRecord(!record.topic().equals(deadLetters), value));
            }
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
        }
        unread.add(record);
        return Optional.empty();
    }

    UnreadRecords unread() {
        return unread;
    }
}
