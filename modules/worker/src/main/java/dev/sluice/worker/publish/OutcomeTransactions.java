package dev.sluice.worker.publish;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.metrics.SluiceMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The transactional producer and the result of its last transaction. A commit that times out after
 * it was prepared may have succeeded. So it is repeated, never aborted. If that fails, a new
 * producer with the <em>same</em> transactional id settles the transaction one way or the other.
 * Not thread-safe.
 */
public final class OutcomeTransactions implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OutcomeTransactions.class);
    private static final int COMMIT_TRIES = 3;
    private static final Duration RECOVERY_PAUSE = Duration.ofSeconds(1);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration OFFSETS_LIMIT = Duration.ofSeconds(30);
    private static final int ASK_MS = 5_000;

    /**
     * After a crash, an open transaction blocks every reader for this long, and until the brokers
     * next look for expired transactions, which they do every ten seconds by default.
     */
    private static final int TRANSACTION_TIMEOUT_MS = 2_000;

    private static final int MAX_TRANSACTION_TIMEOUT_MS = 60_000;

    private final Map<String, Object> settings;
    private final int timeoutMs;
    private final Admin admin;
    private final WorkersGroup group;

    /** Topics that are known to exist. */
    private final Set<String> knownTopics = new HashSet<>();

    private final SluiceMetrics metrics;
    private Producer<byte[], byte[]> producer;
    private KafkaClientMetrics producerMetrics;
    private final ThrottledLog unsettled = new ThrottledLog(new SteadyClock());
    private volatile boolean givenUp;

    /** Number of producers replaced since the last committed transaction. */
    private int replaced;

    /** Whether the producer has opened: {@code initTransactions} has ended. */
    private boolean opened;

    /** Whether a transaction has begun that must be aborted. */
    private boolean aborting;

    /** The result of a transaction. */
    sealed interface Ending {}

    record Committed() implements Ending {}

    /** No part of it is visible, now or later. */
    record Aborted(RuntimeException failure) implements Ending {}

    /** No part of it is visible, and no transaction with these records can succeed. */
    record Rejected(BrokerRejection rejection) implements Ending {}

    /** It may or may not be committed; {@link #recover} finds out. */
    record Unknown(RuntimeException failure) implements Ending {}

    private OutcomeTransactions(
            Map<String, Object> settings, SluiceMetrics metrics, Admin admin, WorkersGroup group) {
        this.metrics = metrics;
        this.settings = Map.copyOf(settings);
        this.timeoutMs =
                Integer.parseInt(
                        settings.getOrDefault(
                                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                                        TRANSACTION_TIMEOUT_MS)
                                .toString());
        this.admin = admin;
        this.group = group;
        this.producer = newProducer();
        this.producerMetrics = new KafkaClientMetrics(producer);
        metrics.bind(producerMetrics);
    }

    /**
     * Opens the producer and fences its predecessor of the same id.
     *
     * @param producerSettings settings of the connection; the id and the timeouts are set here
     * @param transactionalId stable for this worker's place in the deployment
     * @throws AuthorizationException if a right is missing
     * @throws KafkaException if the brokers do not answer for a minute
     */
    public static OutcomeTransactions open(
            Map<String, Object> producerSettings,
            String transactionalId,
            SluiceMetrics metrics,
            Admin admin,
            WorkersGroup group) {
        Map<String, Object> settings = new HashMap<>();
        // A connection that drops all packets is noticed soon, and a stop does not wait longer.
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 15_000);
        // Back-to-back transactions wait on this, 100 ms each by default.
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.putAll(producerSettings);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        OutcomeTransactions transactions = new OutcomeTransactions(settings, metrics, admin, group);
        try {
            transactions.fencePredecessor();
        } catch (TransactionalIdAuthorizationException e) {
            transactions.close();
            throw transactions.named(e);
        }
        return transactions;
    }

    /** The exception with the id, which the brokers do not name. */
    private RuntimeException named(RuntimeException failure) {
        return failure instanceof TransactionalIdAuthorizationException
                ? new TransactionalIdAuthorizationException(
                        "no right to WRITE on the transactional id %s (worker.slot)"
                                .formatted(settings.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG)))
                : failure;
    }

    private void fencePredecessor() {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                prepare();
                return;
            } catch (AuthorizationException | InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                log.atWarn()
                        .addKeyValue("reason", e.toString())
                        .log("the brokers do not open transactions yet; trying again");
                LockSupport.parkNanos(RECOVERY_PAUSE.toNanos());
                if (!(e instanceof TimeoutException)) {
                    replaceProducer();
                }
            }
        }
    }

    /**
     * Opens the producer, which ends the last transaction of its id, and removes what that may have
     * left behind. After a {@link TimeoutException} it may be called again; after another exception
     * the producer must be replaced.
     */
    private void prepare() {
        if (!opened) {
            producer.initTransactions();
            opened = true;
        }
        removePendingOffsets();
    }

    /**
     * Commits an offset in a transaction that is aborted. Brokers can end a transaction without its
     * offsets: these stay pending, and then nobody gets stable offsets of these partitions any
     * more. The end of the next transaction of this producer that has to do with the group also
     * ends the pending offsets. It must be an abort, because a commit would make them valid (ADR
     * 59).
     */
    private void removePendingOffsets() {
        if (!aborting) {
            Optional<TopicPartition> partition = group.existingPartition();
            if (partition.isEmpty()) {
                return;
            }
            producer.beginTransaction();
            aborting = true;
            try {
                producer.sendOffsetsToTransaction(
                        Map.of(partition.get(), new OffsetAndMetadata(0)), group.metadata());
            } catch (CommitFailedException | TimeoutException e) {
                // The brokers refuse offsets of an ended membership. But the group belongs to the
                // transaction by then.
                log.atDebug().addKeyValue("reason", e.toString()).log("offsets were not accepted");
            }
        }
        producer.abortTransaction();
        aborting = false;
    }

    Ending commit(
            List<ProducerRecord<byte[], byte[]>> records,
            Map<TopicPartition, OffsetAndMetadata> commits,
            ConsumerGroupMetadata membership)
            throws InterruptedException {
        Ending ending =
                checkTopics(records).orElseGet(() -> transact(records, commits, membership));
        if (!(ending instanceof Committed)) {
            knownTopics.clear();
        }
        return ending;
    }

    /**
     * Asks the brokers whether the topics exist, because a producer would block all outcomes while
     * it waits for a missing topic. Empty if all topics exist.
     */
    private Optional<Ending> checkTopics(List<ProducerRecord<byte[], byte[]>> records)
            throws InterruptedException {
        Set<String> unknown = new HashSet<>();
        records.forEach(record -> unknown.add(record.topic()));
        unknown.removeAll(knownTopics);
        if (unknown.isEmpty()) {
            return Optional.empty();
        }
        var answers =
                admin.describeTopics(unknown, new DescribeTopicsOptions().timeoutMs(ASK_MS))
                        .topicNameValues();
        for (var answer : answers.entrySet()) {
            try {
                var _ = answer.getValue().get();
                knownTopics.add(answer.getKey());
            } catch (ExecutionException e) {
                Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
                return Optional.of(
                        SendFailures.concernsTopic(cause)
                                ? new Rejected(
                                        BrokerRejection.ofTopic(answer.getKey(), cause.toString()))
                                : new Aborted(new KafkaException(cause)));
            }
        }
        return Optional.empty();
    }

    private Ending transact(
            List<ProducerRecord<byte[], byte[]>> records,
            Map<TopicPartition, OffsetAndMetadata> commits,
            ConsumerGroupMetadata membership) {
        SendFailures failures = new SendFailures();
        try {
            producer.beginTransaction();
            for (ProducerRecord<byte[], byte[]> record : records) {
                var _ = producer.send(record, failures.callback(record));
            }
            producer.sendOffsetsToTransaction(commits, membership);
        } catch (KafkaException | IllegalStateException e) {
            return aborted(e, failures);
        }
        return committed(failures);
    }

    /**
     * Replaces the producer by one of the same id, which ends a transaction with an unknown result,
     * and reads the group's committed offsets. Tries until it succeeds, because without them
     * nothing can be published. Empty after {@link #giveUp}.
     */
    Optional<Map<TopicPartition, OffsetAndMetadata>> recover(Set<TopicPartition> partitions)
            throws InterruptedException {
        boolean usable = false;
        while (!givenUp) {
            try {
                if (!usable) {
                    replaceProducer();
                    usable = true;
                }
                prepare();
                return Optional.of(group.committed().of(partitions, OFFSETS_LIMIT));
            } catch (TimeoutException e) {
                // This producer waits for an answer; a new one would begin again.
                pauseBeforeRetry(e);
            } catch (KafkaException | IllegalStateException e) {
                usable = false;
                pauseBeforeRetry(e);
            }
        }
        return Optional.empty();
    }

    private void replaceProducer() {
        producerMetrics.close();
        producer.close(Duration.ZERO);
        replaced++;
        producer = newProducer();
        producerMetrics = new KafkaClientMetrics(producer);
        metrics.bind(producerMetrics);
        opened = false;
        aborting = false;
    }

    private void pauseBeforeRetry(Exception reason) throws InterruptedException {
        log.atLevel(unsettled.isDue() ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", reason.toString())
                .log("the brokers cannot settle the transaction yet; trying again");
        Thread.sleep(RECOVERY_PAUSE);
    }

    /** Ends {@link #recover}: the process stops, and the next process settles the transaction. */
    public void giveUp() {
        givenUp = true;
    }

    @Override
    public void close() {
        producerMetrics.close();
        producer.close(Duration.ofSeconds(10));
    }

    private Ending committed(SendFailures failures) {
        for (int tries = 1; ; tries++) {
            try {
                producer.commitTransaction();
                replaced = 0;
                return new Committed();
            } catch (TimeoutException e) {
                if (tries >= COMMIT_TRIES) {
                    return new Unknown(e);
                }
            } catch (KafkaException | IllegalStateException e) {
                return aborted(e, failures);
            }
        }
    }

    /**
     * Aborts the transaction. If the abort fails, the producer is unusable and the result is
     * unknown.
     */
    private Ending aborted(RuntimeException failure, SendFailures failures) {
        try {
            producer.abortTransaction();
            return failures.rejection()
                    .<Ending>map(Rejected::new)
                    .orElseGet(() -> new Aborted(named(failure)));
        } catch (KafkaException | IllegalStateException e) {
            return new Unknown(named(failure));
        }
    }

    /**
     * A new producer. The transaction timeout grows with the number of replaced producers, because
     * failed transactions mean slow brokers.
     */
    private Producer<byte[], byte[]> newProducer() {
        Map<String, Object> own = new HashMap<>(settings);
        long extended = (long) timeoutMs << Math.clamp(replaced - 1L, 0, 5);
        own.put(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                (int) Math.max(timeoutMs, Math.min(extended, MAX_TRANSACTION_TIMEOUT_MS)));
        return new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
