package dev.sluice.worker.journal;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The journal of model calls. The brokers acknowledge the start of a call before the call is sent;
 * its end is written after it, without waiting. A start without an end is a call whose answer was
 * lost in a crash. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private final Topics topics;
    private final String workerId;
    private final JournalWriter writer;
    private final JournalTail tail;
    private final CrashIsolation isolation = new CrashIsolation(new SteadyClock());

    private Journal(Topics topics, String workerId, JournalWriter writer, JournalTail tail) {
        this.topics = topics;
        this.workerId = workerId;
        this.writer = writer;
        this.tail = tail;
    }

    /**
     * Opens the journal.
     *
     * @param workerId written with every entry
     */
    public static Journal open(
            KafkaConnection connection, SchemaRegistry registry, String workerId) {
        Map<String, Object> producer = new HashMap<>();
        // Entries of many threads share a request, at the price of this delay for each.
        producer.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        producer.putAll(connection.producer());
        // Only Sluice reads these entries.
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producer.putAll(connection.client());
        Map<String, Object> consumer = new HashMap<>(connection.consumer());
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // No job waits for the worker's own entries, so many are fetched at once.
        consumer.putIfAbsent(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1 << 20);
        consumer.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        return new Journal(
                connection.topics(),
                workerId,
                new JournalWriter(
                        new KafkaProducer<>(
                                producer, new ByteArraySerializer(), new ByteArraySerializer()),
                        connection.serializer(registry)),
                new JournalTail(
                        KafkaConnection.openConsumer(consumer),
                        connection.deserializer(registry, Attempt.class)));
    }

    /** The loop that reads the journal for the current assignments, until {@link #stopReading}. */
    public Runnable reading() {
        return tail;
    }

    public void stopReading() {
        tail.stop();
    }

    /** Reads the journal for an assignment of a jobs partition until the assignment has ended. */
    public void begin(String model, int partition, AssignmentJournal assignment) {
        tail.begin(attempts(model, partition), assignment);
    }

    /** The journal of one job. */
    public JobJournal of(AssignmentJournal assignment, Job job, int partition, long offset) {
        return new JobJournal(
                writer,
                isolation,
                attempts(job.model(), partition),
                assignment,
                workerId,
                job,
                offset);
    }

    /** Why calls wait for the journal; empty if it is written. */
    public Optional<String> complaint() {
        return writer.complaint();
    }

    /** Waits until all entries are written. */
    @Override
    public void close() {
        writer.close();
    }

    private TopicPartition attempts(String model, int partition) {
        return new TopicPartition(topics.attempts(model), partition);
    }
}
