package dev.sluice.app.spend;

import dev.sluice.contract.Addition;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes changes of users' limits to the budgets topic and reads them back. */
public final class BudgetClient implements AutoCloseable {
    private final KafkaConnection connection;
    private final SchemaRegistry registry;
    private final ConfluentAvroSerializer<BudgetChange> serializer;
    private final InstantSource clock;

    public BudgetClient(KafkaConnection connection, InstantSource clock) {
        this.connection = connection;
        this.registry = connection.openRegistry();
        this.serializer = connection.serializer(registry);
        this.clock = clock;
    }

    /** Replaces all own limits of a user. */
    public void set(String user, OwnLimits limits) throws InterruptedException {
        publish(user, utf8(user), change(user, limits));
    }

    /** Removes all own limits of a user. */
    public void reset(String user) throws InterruptedException {
        publish(user, utf8(user), null);
    }

    /** Raises a user's budget of one day. */
    public void add(String user, LocalDate day, BigDecimal usd) throws InterruptedException {
        // Every addition counts, so each has a key of its own: compaction must keep all.
        byte[] key = utf8(user + "/" + UUID.randomUUID());
        publish(
                user,
                key,
                change(user, Addition.newBuilder().setDay(day).setUsd(usd.setScale(9)).build()));
    }

    /** The user's own limits, if there are any. */
    public Optional<OwnLimits> own(String user) {
        AtomicReference<byte @Nullable []> latest = new AtomicReference<>();
        byte[] key = utf8(user);
        String topic = connection.topics().budgets();
        try (TopicReader reader = TopicReader.open(connection)) {
            reader.readAll(
                    topic,
                    record -> {
                        if (Arrays.equals(key, record.key())) {
                            latest.set(record.value());
                        }
                    });
        }
        ConfluentAvroDeserializer<BudgetChange> changes =
                connection.deserializer(registry, BudgetChange.class);
        return Optional.ofNullable(latest.get())
                .map(value -> changes.deserialize(topic, value))
                .map(BudgetChange::getChange)
                .filter(OwnLimits.class::isInstance)
                .map(OwnLimits.class::cast);
    }

    @Override
    public void close() {
        registry.close();
    }

    private BudgetChange change(String user, Object change) {
        return BudgetChange.newBuilder()
                .setUserId(user)
                .setChange(change)
                .setChangedAt(clock.instant())
                .build();
    }

    private void publish(String user, byte[] key, @Nullable BudgetChange change)
            throws InterruptedException {
        String topic = connection.topics().budgets();
        int partitions;
        try (TopicReader reader = TopicReader.open(connection)) {
            partitions = reader.partitions(topic).size();
        }
        byte[] value = change == null ? null : serializer.serialize(topic, change);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            // The partition of the user's ledger, independent of the key.
            int partition = new UserPartitioner(partitions).of(user);
            producer.send(new ProducerRecord<>(topic, partition, key, value)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the brokers rejected the budget change: " + e.getCause(), e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
