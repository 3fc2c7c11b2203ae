package dev.sluice.app.client;

import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Decodes the records of topics to which others may write, too: what is no such record is counted
 * and left out.
 */
public final class LenientDecoder<T> {
    /** How long a replica of the registry may be behind. */
    private static final Duration LAG = Duration.ofSeconds(30);

    private final ConfluentAvroDeserializer<T> deserializer;
    private final Predicate<T> isMeant;
    private final UnreadRecords unread;

    /**
     * @param topics the topics in words, for the warning
     * @param isMeant whether a decoded record is one of those that the topics are for
     */
    public LenientDecoder(
            ConfluentAvroDeserializer<T> deserializer, String topics, Predicate<T> isMeant) {
        this.deserializer = deserializer;
        this.isMeant = isMeant;
        this.unread = new UnreadRecords(topics);
    }

    /**
     * The value of a record; empty, and counted, if it is none.
     *
     * @throws RuntimeException if the registry does not answer ({@link RegistryOutage})
     */
    public Optional<T> decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            T value = deserializer.deserialize(record.topic(), record.value());
            if (value != null && isMeant.test(value)) {
                return Optional.of(value);
            }
        } catch (InterruptException e) {
            // Not the record's fault.
            throw e;
        } catch (RuntimeException e) {
            boolean isForeign =
                    e instanceof SchemaNotFoundException unknown
                            && unknown.isSure()
                            && !isFresh(record);
            if (RegistryOutage.is(e) && !isForeign) {
                throw e;
            }
        }
        unread.add(record);
        return Optional.empty();
    }

    /** Whether a replica of the registry may not know the record's schema yet. */
    private static boolean isFresh(ConsumerRecord<byte[], byte[]> record) {
        return record.timestamp() > System.currentTimeMillis() - LAG.toMillis();
    }

    /** The records that were left out. */
    public UnreadRecords unread() {
        return unread;
    }

    /** A record's key as text; empty without a key. */
    public static String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }
}
