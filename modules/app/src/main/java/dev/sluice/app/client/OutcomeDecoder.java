package dev.sluice.app.client;

import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes the records of outcome topics. */
final class OutcomeDecoder {
    private final LenientDecoder<GenericRecord> decoder;
    private final String deadLetters;

    OutcomeDecoder(KafkaConnection connection, SchemaRegistry registry) {
        this.decoder =
                new LenientDecoder<>(
                        connection.genericDeserializer(registry),
                        "the outcome topics",
                        value -> value.hasField("generation") && value.hasField("costUsd"));
        this.deadLetters = connection.topics().deadLetters();
    }

    /**
     * The outcome in a record; empty, and counted, if it is none.
     *
     * @throws RuntimeException if the registry does not answer
     */
    Optional<OutcomeRecord> decode(ConsumerRecord<byte[], byte[]> record) {
        return decoder.decode(record)
                .map(value -> new OutcomeRecord(!record.topic().equals(deadLetters), value));
    }

    UnreadRecords unread() {
        return decoder.unread();
    }
}
