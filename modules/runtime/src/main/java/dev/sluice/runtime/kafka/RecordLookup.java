package dev.sluice.runtime.kafka;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads single committed records by their offsets. It connects on its first use. Safe for use by
 * many threads, which take turns.
 */
public final class RecordLookup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection connection;
    private final Mutex turn = new Mutex();
    private Optional<KafkaConsumer<byte[], byte[]>> consumer = Optional.empty();

    public RecordLookup(KafkaConnection connection) {
        this.connection = connection;
    }

    /**
     * The record at an offset; empty if it has been deleted, or there is none yet.
     *
     * @throws TimeoutException if the brokers do not answer in time
     * @throws org.apache.kafka.common.errors.InterruptException if the thread is interrupted
     */
    public Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset) {
        try (Mutex.Held _ = turn.hold()) {
            KafkaConsumer<byte[], byte[]> open = consumer.orElseGet(this::open);
            consumer = Optional.of(open);
            return find(open, partition, offset);
        }
    }

    /**
     * A consumer that fetches little, and whose fetches of records behind the one that was looked
     * for do not hold up the next lookup.
     */
    private KafkaConsumer<byte[], byte[]> open() {
        Map<String, Object> settings = connection.consumer();
        settings.put("max.poll.records", 1);
        settings.put("max.partition.fetch.bytes", 64 << 10);
        settings.put("fetch.max.wait.ms", 5);
        return KafkaConnection.openConsumer(settings);
    }

    private static Optional<ConsumerRecord<byte[], byte[]>> find(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        boolean isKnown =
                consumer.partitionsFor(partition.topic()).stream()
                        .anyMatch(info -> info.partition() == partition.partition());
        if (!isKnown) {
            return Optional.empty();
        }
        List<TopicPartition> one = List.of(partition);
        consumer.assign(one);
        if (consumer.beginningOffsets(one).getOrDefault(partition, Long.MAX_VALUE) > offset
                || consumer.endOffsets(one).getOrDefault(partition, 0L) <= offset) {
            return Optional.empty();
        }
        consumer.seek(partition, offset);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                return Optional.of(record).filter(found -> found.offset() == offset);
            }
            if (consumer.position(partition) > offset) {
                // An aborted record, or the end of a transaction.
                return Optional.empty();
            }
        }
        throw new TimeoutException("no record of " + partition + " in time");
    }

    @Override
    public void close() {
        try (Mutex.Held _ = turn.hold()) {
            consumer.ifPresent(KafkaConsumer::close);
        }
    }
}
