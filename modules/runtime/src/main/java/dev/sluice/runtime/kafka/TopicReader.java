package dev.sluice.runtime.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads the committed records of topics, up to the end that the topics have when reading begins.
 * Without a consumer group. Not for use by several threads.
 */
public final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    /** Longest time without progress. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaConsumer<byte[], byte[]> consumer;

    private TopicReader(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    public static TopicReader open(KafkaConnection connection) {
        return new TopicReader(connection.openConsumer());
    }

    /**
     * The partitions of a topic.
     *
     * @throws EnvironmentException if the topic does not exist
     */
    public List<TopicPartition> partitions(String topic) {
        List<PartitionInfo> found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw EnvironmentException.missingTopic(topic);
        }
        return found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    }

    /** Reads all records of a topic; in order within each partition. */
    public void readAll(String topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        boolean _ =
                anyMatch(
                        consumer.beginningOffsets(partitions(topic)),
                        record -> {
                            each.accept(record);
                            return false;
                        });
    }

    /** Reads records of a topic, of which only those in between are fetched. */
    public void read(
            String topic, TopicRange range, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        List<TopicPartition> partitions = partitions(topic);
        Map<TopicPartition, Long> from = offsets(partitions, range.since());
        Map<TopicPartition, Long> to =
                range.until()
                        .map(time -> offsets(partitions, time))
                        .orElseGet(() -> new HashMap<>(consumer.endOffsets(partitions)));
        if (!range.ends().isEmpty()) {
            to.replaceAll((partition, end) ->
                    Math.min(end, range.ends().getOrDefault(partition.partition(), 0L)));
        }
        boolean _ =
                anyMatch(
                        from,
                        to,
                        record -> {
                            // The timestamps of a partition may be out of order.
                            if (record.offset() < to.getOrDefault(place(record), 0L)
                                    && record.timestamp() >= range.since().toEpochMilli()) {
                                each.accept(record);
                            }
                            return false;
                        });
    }

    /** The offset of each partition at which the next record will be. */
    public Map<Integer, Long> ends(String topic) {
        return byNumber(consumer.endOffsets(partitions(topic)));
    }

    private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> byNumber = new HashMap<>();
        offsets.forEach((partition, offset) -> byNumber.put(partition.partition(), offset));
        return byNumber;
    }

    /**
     * The time before which records of the topic may have been deleted: that of the oldest record
     * of a partition whose beginning has been deleted, the latest of these. Empty if nothing has
     * been deleted.
     */
    public Optional<Instant> deletedBefore(String topic) {
        Map<TopicPartition, Long> cut = new HashMap<>(consumer.beginningOffsets(partitions(topic)));
        cut.values().removeIf(offset -> offset == 0);
        Optional<Instant> latest = Optional.empty();
        for (Map.Entry<TopicPartition, Long> beginning : cut.entrySet()) {
            AtomicReference<Instant> first = new AtomicReference<>(Instant.now());
            boolean _ =
                    anyMatch(
                            Map.of(beginning.getKey(), beginning.getValue()),
                            record -> {
                                first.set(Instant.ofEpochMilli(record.timestamp()));
                                return true;
                            });
            latest = latest.filter(first.get()::isBefore).or(() -> Optional.of(first.get()));
        }
        return latest;
    }

    private static TopicPartition place(ConsumerRecord<byte[], byte[]> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    /** The offset of each partition's first record of that time or later; its end without one. */
    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, Instant time) {
        Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions));
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
        consumer.offsetsForTimes(times)
                .forEach((partition, found) -> {
                    if (found != null) {
                        offsets.put(partition, found.offset());
                    }
                });
        return offsets;
    }

    /** The names of all topics. */
    public Set<String> topics() {
        return consumer.listTopics().keySet();
    }

    /**
     * Whether there is such a topic.
     *
     * @throws org.apache.kafka.common.errors.TopicAuthorizationException if this user may not know
     */
    public boolean exists(String topic) {
        // Not by the list of topics, which leaves out what the user may not know.
        return !consumer.partitionsFor(topic).isEmpty();
    }

    /** The offset of each partition's first record of that time or later; its end without one. */
    public Map<Integer, Long> offsets(String topic, Instant time) {
        return byNumber(offsets(partitions(topic), time));
    }

    /** Whether the topic has a record; false if there is no such topic. */
    public boolean hasRecords(String topic) {
        List<PartitionInfo> found = consumer.listTopics().getOrDefault(topic, List.of());
        return anyMatch(
                consumer.beginningOffsets(
                        found.stream()
                                .map(info -> new TopicPartition(topic, info.partition()))
                                .toList()),
                _ -> true);
    }

    /**
     * Reads until a record matches. Offsets alone do not tell whether a partition has records: the
     * ends of transactions and aborted records take offsets too.
     *
     * @param from the offset of each partition to read from
     * @throws TimeoutException if the brokers return nothing for half a minute
     */
    public boolean anyMatch(
            Map<TopicPartition, Long> from, Predicate<ConsumerRecord<byte[], byte[]>> matches) {
        return anyMatch(from, consumer.endOffsets(from.keySet()), matches);
    }

    private boolean anyMatch(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to,
            Predicate<ConsumerRecord<byte[], byte[]>> matches) {
        Map<TopicPartition, Long> open = new HashMap<>(to);
        consumer.assign(open.keySet());
        from.forEach(consumer::seek);
        long progress = System.nanoTime();
        while (true) {
            boolean ended =
                    open.entrySet()
                            .removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            if (open.isEmpty()) {
                return false;
            }
            if (ended) {
                consumer.assign(open.keySet());
            }
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (matches.test(record)) {
                    return true;
                }
            }
            long now = System.nanoTime();
            if (ended || !records.isEmpty()) {
                progress = now;
            } else if (now - progress > PATIENCE.toNanos()) {
                throw new TimeoutException("no records of " + open.keySet() + " in time");
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
