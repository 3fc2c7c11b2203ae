package dev.sluice.worker.publish;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
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
    private final String groupId;

    /** Topics that are known to exist. */
    private final Set<String> knownTopics = new HashSet<>();

    private Producer<byte[], byte[]> producer;
    private final ThrottledLog unsettled = new ThrottledLog(new SteadyClock());
    private volatile boolean givenUp;

    /** Number of producers replaced since the last committed transaction. */
    private int replaced;

    /** What the last transaction committed, or was to commit. */
    private Optional<GroupOffsets> lastOffsets = Optional.empty();

    private record GroupOffsets(
            Map<TopicPartition, OffsetAndMetadata> commits, ConsumerGroupMetadata group) {}

    /** The result of a transaction. */
    sealed interface Ending {}

    record Committed() implements Ending {}

    /** No part of it is visible, now or later. */
    record Aborted(RuntimeException failure) implements Ending {}

    /** No part of it is visible, and no transaction with these records can succeed. */
    record Rejected(BrokerRejection rejection) implements Ending {}

    /** It may or may not be committed; {@link #recover} finds out. */
    record Unknown(RuntimeException failure) implements Ending {}

    private OutcomeTransactions(Map<String, Object> settings, Admin admin, String groupId) {
        this.settings = Map.copyOf(settings);
        this.timeoutMs =
                Integer.parseInt(
                        settings.getOrDefault(
                                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                                        TRANSACTION_TIMEOUT_MS)
                                .toString());
        this.admin = admin;
        this.groupId = groupId;
        this.producer = newProducer();
    }

    /**
     * Opens the producer and fences its predecessor of the same id.
     *
     * @param producerSettings settings of the connection; the id and the timeouts are set here
     * @param transactionalId stable for this worker's place in the deployment
     */
    public static OutcomeTransactions open(
            Map<String, Object> producerSettings,
            String transactionalId,
            Admin admin,
            String groupId) {
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
        OutcomeTransactions transactions = new OutcomeTransactions(settings, admin, groupId);
        transactions.fencePredecessor();
        return transactions;
    }

    private void fencePredecessor() {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                producer.initTransactions();
                return;
            } catch (TimeoutException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                log.atWarn()
                        .addKeyValue("reason", e.toString())
                        .log("the brokers do not open transactions yet; trying again");
            }
        }
    }

    Ending commit(
            List<ProducerRecord<byte[], byte[]>> records,
            Map<TopicPartition, OffsetAndMetadata> commits,
            ConsumerGroupMetadata group)
            throws InterruptedException {
        Ending ending = checkTopics(records).orElseGet(() -> transact(records, commits, group));
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
            ConsumerGroupMetadata group) {
        SendFailures failures = new SendFailures();
        lastOffsets = Optional.of(new GroupOffsets(Map.copyOf(commits), group));
        try {
            producer.beginTransaction();
            for (ProducerRecord<byte[], byte[]> record : records) {
                var _ = producer.send(record, failures.callback(record));
            }
            producer.sendOffsetsToTransaction(commits, group);
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
    Optional<Map<TopicPartition, OffsetAndMetadata>> recover(Collection<TopicPartition> partitions)
            throws InterruptedException {
        replaceProducer();
        boolean ready = false;
        while (!givenUp) {
            try {
                if (!ready) {
                    producer.initTransactions();
                    lastOffsets.ifPresent(this::endPending);
                    ready = true;
                }
                return Optional.of(
                        committedOffsets(partitions, new ListConsumerGroupOffsetsOptions()));
            } catch (TimeoutException | ExecutionException e) {
                // This producer waits for an answer; a new one would begin again.
                pauseBeforeRetry(e);
            } catch (KafkaException e) {
                pauseBeforeRetry(e);
                replaceProducer();
                ready = false;
            }
        }
        return Optional.empty();
    }

    /**
     * Commits the offsets again, in a transaction that is aborted. Brokers can end a transaction
     * without its offsets: these stay pending, and then no client gets the group's offsets of these
     * partitions any more. Seen with Kafka 4.3.1 when a commit meets the end of the transaction's
     * timeout. The end of the next transaction of the same producer that commits offsets to the
     * group removes them.
     *
     * @throws KafkaException if it failed; this producer cannot be used any more
     */
    private void endPending(GroupOffsets offsets) {
        try {
            producer.beginTransaction();
            try {
                producer.sendOffsetsToTransaction(offsets.commits(), offsets.group());
            } catch (CommitFailedException e) {
                // The membership has ended. The offsets belong to the transaction all the same.
                log.atDebug().addKeyValue("reason", e.toString()).log("offsets refused");
            }
            producer.abortTransaction();
        } catch (TimeoutException | IllegalStateException e) {
            throw new KafkaException("pending offsets could not be removed: " + e, e);
        }
    }

    private void replaceProducer() {
        producer.close(Duration.ZERO);
        replaced++;
        producer = newProducer();
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
                    .orElseGet(() -> new Aborted(failure));
        } catch (KafkaException | IllegalStateException e) {
            return new Unknown(failure);
        }
    }

    /**
     * The stable committed offsets of partitions; null for a partition without one.
     *
     * @throws TimeoutException if there is no answer within the limit
     */
    public Map<TopicPartition, OffsetAndMetadata> committedOffsets(
            Collection<TopicPartition> partitions, Duration limit) {
        try {
            return committedOffsets(
                    partitions,
                    new ListConsumerGroupOffsetsOptions().timeoutMs((int) limit.toMillis()));
        } catch (ExecutionException e) {
            throw new TimeoutException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted", e);
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committedOffsets(
            Collection<TopicPartition> partitions, ListConsumerGroupOffsetsOptions options)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                admin.listConsumerGroupOffsets(
                                Map.of(
                                        groupId,
                                        new ListConsumerGroupOffsetsSpec()
                                                .topicPartitions(partitions)),
                                options.requireStable(true))
                        .partitionsToOffsetAndMetadata(groupId)
                        .get();
        if (!offsets.keySet().containsAll(partitions)) {
            // The client leaves out partitions without a stable offset. That does not mean "no
            // offset".
            Set<TopicPartition> pending = new HashSet<>(partitions);
            pending.removeAll(offsets.keySet());
            throw new TimeoutException(
                    "an open transaction commits the offsets of "
                            + pending
                            + "; if this lasts for minutes, look for a hanging transaction in"
                            + " __consumer_offsets (kafka-transactions.sh find-hanging)");
        }
        return offsets;
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
