package dev.sluice.worker.journal;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.UndecodableException;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Reads the journal's partitions for the current assignments, each from its floor until it ends.
 * Entries of this process are skipped without decoding, because their assignment knows them.
 */
final class JournalTail implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JournalTail.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration IDLE = Duration.ofMillis(20);
    private static final Duration ASK = Duration.ofSeconds(5);
    private static final Duration ASK_ONE = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final ConfluentAvroDeserializer<Attempt> deserializer;
    private final List<Reader> readers = new CopyOnWriteArrayList<>();

    /** Readers whose partition is assigned to the consumer and whose start was sought. */
    private final Set<Reader> placed = new HashSet<>();

    private final ThrottledLog unknownBounds = new ThrottledLog(new SteadyClock());
    private final ThrottledLog unread = new ThrottledLog(new SteadyClock());
    private volatile boolean stopping;

    /** An assignment and the journal partition that it reads. */
    record Reader(TopicPartition partition, AssignmentJournal journal) {}

    JournalTail(
            Consumer<byte[], byte[]> consumer, ConfluentAvroDeserializer<Attempt> deserializer) {
        this.consumer = consumer;
        this.deserializer = deserializer;
    }

    void begin(TopicPartition partition, AssignmentJournal journal) {
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

    /** Assigns the partitions of all readers and seeks to the start of new readers. */
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
        Map<TopicPartition, Bounds> answers =
                bounds(fresh.stream().map(Reader::partition).collect(Collectors.toSet()));
        fresh.removeIf(reader -> !answers.containsKey(reader.partition()));
        Map<TopicPartition, Long> starts = new HashMap<>();
        for (Reader reader : fresh) {
            Bounds bounds = answers.getOrDefault(reader.partition(), Bounds.EMPTY);
            starts.merge(
                    reader.partition(),
                    reader.journal().bounds(bounds.first(), bounds.next()),
                    Math::min);
        }
        starts.forEach((partition, start) -> {
            OptionalLong position =
                    before.contains(partition) ? position(partition) : OptionalLong.empty();
            if (position.isEmpty() || start < position.getAsLong()) {
                consumer.seek(partition, start);
            }
        });
        placed.addAll(fresh);
    }

    /** First and next offset of a partition. */
    private record Bounds(long first, long next) {
        private static final Bounds EMPTY = new Bounds(0, 0);
    }

    /**
     * Bounds of the partitions whose brokers answer; a broker that does not answer must not hold up
     * the others.
     */
    private Map<TopicPartition, Bounds> bounds(Set<TopicPartition> partitions) {
        Map<TopicPartition, Bounds> together = ask(partitions, ASK);
        if (!together.isEmpty() || partitions.size() == 1) {
            return together;
        }
        Map<TopicPartition, Bounds> answers = new HashMap<>();
        partitions.forEach(partition -> answers.putAll(ask(Set.of(partition), ASK_ONE)));
        return answers;
    }

    private Map<TopicPartition, Bounds> ask(Set<TopicPartition> partitions, Duration limit) {
        try {
            Map<TopicPartition, Long> firsts = consumer.beginningOffsets(partitions, limit);
            Map<TopicPartition, Long> nexts = consumer.endOffsets(partitions, limit);
            Map<TopicPartition, Bounds> answers = new HashMap<>();
            nexts.forEach((partition, next) ->
                    answers.put(partition, new Bounds(firsts.getOrDefault(partition, 0L), next)));
            return answers;
        } catch (RetriableException e) {
            log.atLevel(unknownBounds.isDue() ? Level.WARN : Level.DEBUG)
                    .addKeyValue("partitions", partitions.toString())
                    .addKeyValue("reason", e.getMessage())
                    .log("jobs wait: the brokers do not return the journal's offsets yet");
            return Map.of();
        }
    }

    /**
     * The read position of a partition; empty if the client must ask the brokers and they do not
     * answer.
     */
    private OptionalLong position(TopicPartition partition) {
        try {
            return OptionalLong.of(consumer.position(partition, POLL));
        } catch (RetriableException e) {
            return OptionalLong.empty();
        }
    }

    private void read(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
        Set<String> ownAssignments =
                placed.stream()
                        .map(reader -> reader.journal().assignment().toString())
                        .collect(Collectors.toSet());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (!ownAssignments.contains(assignment(record))) {
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
            position(reader.partition()).ifPresent(reader.journal()::reached);
        }
    }

    private static String assignment(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.US_ASCII);
    }

    private Optional<Attempt> decoded(ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        try {
            return RegistryOutage.waitOut(
                    () ->
                            Optional.ofNullable(
                                    deserializer.deserialize(
                                            record.topic(), record.headers(), record.value())),
                    reason -> {
                        boolean warn =
                                !(reason instanceof RegistryUnavailableException) && unread.isDue();
                        log.atLevel(warn ? Level.WARN : Level.DEBUG)
                                .addKeyValue("reason", reason.getMessage())
                                .log(
                                        "jobs wait: the journal cannot be read without the schema"
                                                + " registry");
                        Thread.sleep(PAUSE);
                        if (stopping) {
                            throw new InterruptedException("the worker stops");
                        }
                    });
        } catch (UndecodableException e) {
            log.atError()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("a journal entry cannot be read and is skipped");
            return Optional.empty();
        }
    }
}
