package dev.sluice.runtime.kafka;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads single committed records by their offsets. It connects on its first use. Safe for use by
 * many threads, which take turns.
 */
public final class RecordLookup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection connection;
    private final Mutex turn = new Mutex();
    private Optional<KafkaConsumer<byte[], byte[]>> consumer = Optional.empty();
    private boolean closed;

    public RecordLookup(KafkaConnection connection) {
        this.connection = connection;
    }

    /**
     * The record at an offset; empty if it has been deleted, or there is none yet.
     *
     * @throws TimeoutException if the brokers do not answer in time
     * @throws org.apache.kafka.common.KafkaException if they reject the request
     * @throws InterruptedException if the thread is interrupted, or this lookup is closed
     */
    public Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset)
            throws InterruptedException {
        try (Mutex.Held _ = turn.holdInterruptibly()) {
            if (closed) {
                throw new InterruptedException("the lookup is closed");
            }
            if (!isKnown(partition)) {
                // The consumer may have learned of the partitions before this one was added.
                disconnect();
            }
            return isKnown(partition) ? find(consumer(), partition, offset) : Optional.empty();
        } catch (InterruptException e) {
            // Kafka reports an interrupt with this unchecked exception.
            boolean _ = Thread.interrupted();
            throw new InterruptedException("interrupted while a record was looked up");
        } catch (InvalidOffsetException e) {
            // Deleted just now.
            return Optional.empty();
        } catch (KafkaException e) {
            try (Mutex.Held _ = turn.holdInterruptibly()) {
                disconnect();
            }
            throw e;
        }
    }

    private boolean isKnown(TopicPartition partition) {
        return consumer().partitionsFor(partition.topic()).stream()
                .anyMatch(info -> info.partition() == partition.partition());
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        KafkaConsumer<byte[], byte[]> open = consumer.orElseGet(this::open);
        consumer = Optional.of(open);
        return open;
    }

    private void disconnect() {
        consumer.ifPresent(open -> open.close(CloseOptions.timeout(Duration.ZERO)));
        consumer = Optional.empty();
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
        settings.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
        settings.put("request.timeout.ms", (int) REQUEST.toMillis());
        return KafkaConnection.openConsumer(settings);
    }

    private static Optional<ConsumerRecord<byte[], byte[]>> find(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
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
            closed = true;
            disconnect();
        }
    }
}
