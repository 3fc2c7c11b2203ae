package dev.sluice.worker.consume;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partition assignments that this worker holds. An assignment begins when a partition is
 * assigned and ends when it is revoked or lost. Only the poll thread may use this class, except
 * {@link #snapshot}.
 */
final class AssignedPartitions implements ConsumerRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(AssignedPartitions.class);
    private static final Duration ASK = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final CommittedOffsets offsets;
    private final Map<String, JobSource> sources;
    private final boolean journaled;
    private final JobIntake intake;
    private final Duration releaseTimeout;
    private final BooleanSupplier stopping;
    private final InstantSource clock;
    private final Map<TopicPartition, PartitionAssignment> assignments = new HashMap<>();
    private final Map<String, Integer> partitionCounts = new HashMap<>();
    private volatile Instant lastQuestion;
    private volatile Snapshot snapshot;

    /**
     * @param offsets asked if the consumer has no answer
     * @param sources the topics to read, with the model and priority of each
     * @param journaled whether calls are recorded in the journal
     * @param releaseTimeout how long running jobs may go on when their partition is revoked
     * @param stopping whether to stop waiting for the brokers
     * @param clock monotonic: not affected by changes of the system clock
     */
    AssignedPartitions(
            Consumer<byte[], byte[]> consumer,
            CommittedOffsets offsets,
            Map<String, JobSource> sources,
            boolean journaled,
            JobIntake intake,
            Duration releaseTimeout,
            BooleanSupplier stopping,
            InstantSource clock) {
        this.consumer = consumer;
        this.offsets = offsets;
        this.sources = Map.copyOf(sources);
        this.journaled = journaled;
        this.intake = intake;
        this.releaseTimeout = releaseTimeout;
        this.stopping = stopping;
        this.clock = clock;
        this.lastQuestion = clock.instant();
        this.snapshot = new Snapshot(consumer.groupMetadata(), Map.of());
    }

    /** When the brokers were last asked for an answer without which the poll loop cannot go on. */
    Instant lastQuestion() {
        return lastQuestion;
    }

    /** The worker's group membership and its assignments, as of the last poll. */
    Snapshot snapshot() {
        return snapshot;
    }

    void publishSnapshot() {
        snapshot = new Snapshot(consumer.groupMetadata(), assignments);
    }

    Collection<PartitionAssignment> assignments() {
        return assignments.values();
    }

    /** The assignment of a partition, or null if this worker does not hold the partition. */
    @Nullable PartitionAssignment assignment(TopicPartition partition) {
        return assignments.get(partition);
    }

    /**
     * Publishes the finished outcomes, marks the assignments as cleanly ended, and ends them all.
     */
    void leave() {
        publishSnapshot();
        assignments.values().forEach(PartitionAssignment::close);
        intake.publishFinished(this::endAll);
    }

    private void endAll() {
        assignments.values().forEach(PartitionAssignment::end);
        assignments.clear();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        partitionCounts.clear();
        Map<TopicPartition, OffsetAndMetadata> committed =
                retrying(() -> committed(Set.copyOf(partitions)));
        List<TopicPartition> fresh =
                partitions.stream().filter(partition -> committed.get(partition) == null).toList();
        Map<TopicPartition, Long> beginnings =
                retrying(() -> consumer.beginningOffsets(fresh, ASK));
        for (TopicPartition partition : partitions) {
            Optional<FrontierCodec.Committed> commit =
                    Optional.ofNullable(committed.get(partition)).map(FrontierCodec::decode);
            CommitFrontier frontier =
                    commit.map(FrontierCodec.Committed::frontier)
                            .orElseGet(() ->
                                    newPartition(
                                            partition, beginnings.getOrDefault(partition, 0L)));
            PartitionAssignment assignment =
                    new PartitionAssignment(
                            partition, source(partition), frontier, commit, journaled, clock);
            consumer.seek(partition, frontier.position());
            assignments.put(partition, assignment);
            intake.begin(assignment);
        }
        publishSnapshot();
        reportShares();
        log.atInfo().addKeyValue("partitions", partitions.toString()).log("partitions assigned");
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        // The member's epoch may have moved on since the last poll; the partitions have not.
        publishSnapshot();
        release(partitions);
        partitions.stream()
                .map(assignments::get)
                .filter(Objects::nonNull)
                .forEach(PartitionAssignment::close);
        // End them while no transaction is open: the brokers would accept a commit for a partition
        // that has moved, and it would overwrite the new owner's commit.
        intake.publishFinished(() -> endAssignments(partitions));
        // Report the shares before another worker takes the partitions and uses their part of the
        // quota.
        reportShares();
        log.atInfo().addKeyValue("partitions", partitions.toString()).log("partitions released");
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        endAssignments(partitions);
        reportShares();
        log.atWarn().addKeyValue("partitions", partitions.toString()).log("partitions lost");
    }

    private void reportShares() {
        Map<String, List<String>> topics =
                sources.entrySet().stream()
                        .collect(
                                groupingBy(
                                        entry -> entry.getValue().model(),
                                        mapping(Map.Entry::getKey, toList())));
        topics.forEach((model, names) -> {
            long held =
                    assignments.keySet().stream().filter(p -> names.contains(p.topic())).count();
            int all = names.stream().mapToInt(this::partitions).sum();
            intake.holds(model, all == 0 ? 0 : (double) held / all);
        });
    }

    private int partitions(String topic) {
        return partitionCounts.computeIfAbsent(
                topic, name -> retrying(() -> consumer.partitionsFor(name, ASK)).size());
    }

    private JobSource source(TopicPartition partition) {
        return Optional.ofNullable(sources.get(partition.topic()))
                .orElseThrow(() ->
                        new IllegalStateException("no model has the topic " + partition.topic()));
    }

    /**
     * After an outage of the brokers, the consumer may wait for ever for an answer that was lost
     * (KAFKA-20765). Other clients get one.
     */
    private Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        try {
            return consumer.committed(partitions, ASK);
        } catch (TimeoutException e) {
            return offsets.of(partitions, ASK);
        }
    }

    /**
     * Asks until the brokers answer. A predecessor's open transaction or a coordinator that moves
     * may delay the answer.
     */
    private <T> T retrying(Supplier<T> question) {
        while (true) {
            lastQuestion = clock.instant();
            try {
                return question.get();
            } catch (TimeoutException e) {
                if (stopping.getAsBoolean()) {
                    throw e;
                }
                log.atWarn()
                        .addKeyValue("reason", e.getMessage())
                        .log("waiting: the brokers do not return the committed offsets yet");
            }
        }
    }

    /** Lets running calls end within the release timeout; other jobs are cancelled at once. */
    private void release(Collection<TopicPartition> partitions) {
        Instant end = clock.instant().plus(releaseTimeout);
        List<PartitionAssignment> released =
                partitions.stream().map(assignments::get).filter(Objects::nonNull).toList();
        released.forEach(assignment -> assignment.leaveBy(end));
        try {
            for (PartitionAssignment assignment : released) {
                if (!assignment.awaitIdle(Duration.between(clock.instant(), end))) {
                    log.atInfo()
                            .addKeyValue("partition", assignment.partition().toString())
                            .log(
                                    "running calls are cancelled: their partition moves to"
                                            + " another worker");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endAssignments(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            PartitionAssignment assignment = assignments.remove(partition);
            if (assignment != null) {
                assignment.end();
            }
        }
        publishSnapshot();
    }

    /**
     * The frontier of a partition without a commit. It is a new partition, unless records were
     * deleted from it. Only records below a frontier are deleted, so in that case a commit was
     * lost, and starting over would repeat outcomes.
     *
     * @throws IllegalStateException if records were deleted from the partition
     */
    private static CommitFrontier newPartition(TopicPartition partition, long beginning) {
        if (beginning > 0) {
            throw new IllegalStateException(
                    "no committed offset for "
                            + partition
                            + ", whose records start at "
                            + beginning
                            + ": the group's committed offsets were lost. Set them by hand"
                            + " (kafka-consumer-groups --reset-offsets) and start again");
        }
        return CommitFrontier.at(0);
    }
}
