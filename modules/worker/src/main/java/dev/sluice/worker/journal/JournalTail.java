package dev.sluice.worker.journal;

import dev.sluice.contract.Attempt;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.UndecodableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the journal's partitions for the tenures that are held, from each one's floor on and for as
 * long as it lasts. Entries of this process are counted and not decoded: their tenure knows them.
 */
final class JournalTail implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JournalTail.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration IDLE = Duration.ofMillis(20);
    private static final Duration ASK = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final ConfluentAvroDeserializer<Attempt> deserializer;
    private final List<Reader> readers = new CopyOnWriteArrayList<>();

    /** Readers whose partition is assigned and sought. */
    private final Set<Reader> placed = new HashSet<>();

    private volatile boolean stopping;

    /** A tenure that follows a partition of the journal. */
    record Reader(TopicPartition partition, TenureJournal journal) {}

    JournalTail(
            Consumer<byte[], byte[]> consumer, ConfluentAvroDeserializer<Attempt> deserializer) {
        this.consumer = consumer;
        this.deserializer = deserializer;
    }

    void begin(TopicPartition partition, TenureJournal journal) {
        readers.add(new Reader(partition, journal));
    }

    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        try (consumer) {
            while (!stopping) {
                readers.removeIf(reader -> !reader.journal().isLive());
                place();
                if (placed.isEmpty()) {
                    Thread.sleep(IDLE);
                } else {
                    read(consumer.poll(POLL));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Assigns what is followed and seeks for those that are new. */
    private void place() {
        List<Reader> current = List.copyOf(readers);
        Set<TopicPartition> partitions =
                current.stream().map(Reader::partition).collect(Collectors.toSet());
        Set<TopicPartition> before = Set.copyOf(consumer.assignment());
        if (!partitions.equals(before)) {
            consumer.assign(partitions);
        }
        placed.retainAll(current);
        Set<Reader> fresh = new HashSet<>(current);
        fresh.removeAll(placed);
        if (fresh.isEmpty()) {
            return;
        }
        Set<TopicPartition> asked =
                fresh.stream().map(Reader::partition).collect(Collectors.toSet());
        Map<TopicPartition, Long> firsts;
        Map<TopicPartition, Long> nexts;
        try {
            firsts = consumer.beginningOffsets(asked, ASK);
            nexts = consumer.endOffsets(asked, ASK);
        } catch (TimeoutException e) {
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("jobs wait: the brokers do not say yet what the journal holds");
            return;
        }
        Map<TopicPartition, Long> starts = new HashMap<>();
        for (Reader reader : fresh) {
            TopicPartition partition = reader.partition();
            long start =
                    reader.journal()
                            .bounds(
                                    firsts.getOrDefault(partition, 0L),
                                    nexts.getOrDefault(partition, 0L));
            starts.merge(partition, start, Math::min);
        }
        starts.forEach((partition, start) -> {
            if (!before.contains(partition) || start < consumer.position(partition, ASK)) {
                consumer.seek(partition, start);
            }
        });
        placed.addAll(fresh);
    }

    private void read(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
        Set<String> ownTenures =
                placed.stream()
                        .map(reader -> reader.journal().tenure().toString())
                        .collect(Collectors.toSet());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (!ownTenures.contains(tenure(record))) {
                Optional<Attempt> attempt = decoded(record);
                if (attempt.isPresent()) {
                    TopicPartition partition =
                            new TopicPartition(record.topic(), record.partition());
                    placed.stream()
                            .filter(reader -> reader.partition().equals(partition))
                            .forEach(reader ->
                                    reader.journal().read(record.offset(), attempt.get()));
                }
            }
        }
        for (Reader reader : placed) {
            reader.journal().reached(consumer.position(reader.partition(), ASK));
        }
    }

    private static String tenure(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.US_ASCII);
    }

    private Optional<Attempt> decoded(ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        while (!stopping) {
            try {
                return Optional.ofNullable(
                        deserializer.deserialize(record.topic(), record.headers(), record.value()));
            } catch (RegistryUnavailableException | SchemaNotFoundException e) {
                log.atWarn()
                        .addKeyValue("reason", e.getMessage())
                        .log("jobs wait: the journal cannot be read without the schema registry");
                Thread.sleep(PAUSE);
            } catch (UndecodableException e) {
                log.atError()
                        .addKeyValue("topic", record.topic())
                        .addKeyValue("partition", record.partition())
                        .addKeyValue("offset", record.offset())
                        .log("an entry of the journal cannot be read and is passed over");
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
