package dev.sluice.worker.consume;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The poll loop: the one thread that touches the consumer. It begins and ends tenures, hands new
 * jobs on, and pauses what has no room. It never waits for a job.
 */
public final class JobPoller implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JobPoller.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration ASK = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<String, JobSource> sources;
    private final boolean journaled;
    private final InFlight inFlight;
    private final JobIntake intake;
    private final Duration releaseTimeout;
    private final Map<TopicPartition, Tenure> tenures = new HashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Snapshot snapshot;
    private volatile boolean draining;

    /** No job is taken any more: a whole round of the loop has seen {@link #draining}. */
    private volatile boolean drained;

    private volatile boolean stopping;

    /** Where jobs go and who publishes their outcomes. */
    public interface JobIntake {
        /** A tenure begins. */
        void begin(Tenure tenure);

        /** Works on a job, on a thread of its own. */
        void accept(Tenure tenure, ConsumerRecord<byte[], byte[]> job);

        /**
         * Publishes what is finished now, then does something more before any further transaction
         * can begin.
         */
        void publishFinished(Runnable then);
    }

    /**
     * @param sources the topics to read and whose jobs are on each
     * @param journaled whether calls are put on record
     * @param releaseTimeout how long jobs under way may go on when their partition is taken away
     */
    public JobPoller(
            Consumer<byte[], byte[]> consumer,
            Map<String, JobSource> sources,
            boolean journaled,
            InFlight inFlight,
            JobIntake intake,
            Duration releaseTimeout) {
        this.consumer = consumer;
        this.sources = Map.copyOf(sources);
        this.journaled = journaled;
        this.inFlight = inFlight;
        this.intake = intake;
        this.releaseTimeout = releaseTimeout;
        this.snapshot = new Snapshot(consumer.groupMetadata(), Map.of());
    }

    /** Who the worker is and what it holds, as of the last poll. */
    public Snapshot snapshot() {
        return snapshot;
    }

    @Override
    public void run() {
        try {
            consumer.subscribe(sources.keySet(), new Assignments());
            while (!stopping) {
                poll();
            }
        } catch (WakeupException e) {
            if (!stopping) {
                throw e;
            }
        } finally {
            leave();
        }
    }

    /** Publishes what is finished while the membership is still good, then gives everything up. */
    private void leave() {
        try {
            publishSnapshot();
            intake.publishFinished(this::endAll);
        } finally {
            try {
                consumer.close();
            } finally {
                stopped.countDown();
            }
        }
    }

    /** Takes no more jobs, waits for those under way, then leaves the group. */
    public void drainAndStop(Duration grace) throws InterruptedException {
        draining = true;
        long end = System.nanoTime() + grace.toNanos();
        while ((!drained || inFlight.total() > 0)
                && System.nanoTime() < end
                && stopped.getCount() > 0) {
            boolean _ = stopped.await(10, TimeUnit.MILLISECONDS);
        }
        if (inFlight.total() > 0) {
            log.atWarn()
                    .addKeyValue("jobs", inFlight.total())
                    .log("jobs are still under way at the end of the grace period");
        }
        stopping = true;
        consumer.wakeup();
        if (!stopped.await(30, TimeUnit.SECONDS)) {
            log.atWarn().log("the consumer did not close in time");
        }
    }

    private void poll() {
        boolean lastJobsTaken = draining;
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(POLL);
        } catch (NoOffsetForPartitionException e) {
            // A partition without a commit, met before its tenure began: that knows where to start.
            e.partitions().forEach(this::seekToTenure);
            return;
        }
        publishSnapshot();
        for (TopicPartition partition : records.partitions()) {
            take(partition, records.records(partition));
        }
        records.nextOffsets()
                .forEach((partition, next) -> {
                    Tenure tenure = tenures.get(partition);
                    if (tenure != null && tenure.nextOffset() == lastRead(records, partition)) {
                        boolean _ = tenure.skipTo(next.offset());
                    }
                });
        pauseAndResume();
        drained = lastJobsTaken;
    }

    private void seekToTenure(TopicPartition partition) {
        Tenure tenure = tenures.get(partition);
        if (tenure != null) {
            consumer.seek(partition, tenure.nextOffset());
        }
    }

    /** The offset after the last record of a partition, or the tenure's own where there is none. */
    private long lastRead(ConsumerRecords<byte[], byte[]> records, TopicPartition partition) {
        List<ConsumerRecord<byte[], byte[]>> read = records.records(partition);
        Tenure tenure = tenures.get(partition);
        return read.isEmpty() && tenure != null ? tenure.nextOffset() : read.getLast().offset() + 1;
    }

    private void take(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        Tenure tenure = tenures.get(partition);
        if (tenure == null || draining) {
            return;
        }
        for (ConsumerRecord<byte[], byte[]> job : records) {
            switch (tenure.arrive(job.offset())) {
                case NEW -> {
                    inFlight.begin(tenure.model());
                    intake.accept(tenure, job);
                }
                case FINISHED ->
                        log.atDebug()
                                .addKeyValue("partition", partition.toString())
                                .addKeyValue("offset", job.offset())
                                .log("job was finished by an earlier tenure");
                case TOO_FAR -> {
                    consumer.seek(partition, tenure.nextOffset());
                    return;
                }
            }
        }
    }

    private void pauseAndResume() {
        Set<TopicPartition> paused = consumer.paused();
        List<TopicPartition> toPause = new ArrayList<>();
        List<TopicPartition> toResume = new ArrayList<>();
        tenures.forEach((partition, tenure) -> {
            boolean wait = draining || inFlight.isFull(tenure.model()) || !tenure.hasRoom();
            if (wait && !paused.contains(partition)) {
                toPause.add(partition);
            } else if (!wait && paused.contains(partition)) {
                toResume.add(partition);
            }
        });
        consumer.pause(toPause);
        consumer.resume(toResume);
    }

    private void publishSnapshot() {
        snapshot = new Snapshot(consumer.groupMetadata(), tenures);
    }

    private void endAll() {
        tenures.values().forEach(Tenure::end);
        tenures.clear();
    }

    private final class Assignments implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> committed =
                    patiently(() -> consumer.committed(new HashSet<>(partitions), ASK));
            List<TopicPartition> fresh =
                    partitions.stream()
                            .filter(partition -> committed.get(partition) == null)
                            .toList();
            Map<TopicPartition, Long> beginnings =
                    patiently(() -> consumer.beginningOffsets(fresh, ASK));
            for (TopicPartition partition : partitions) {
                Optional<FrontierCodec.Committed> commit =
                        Optional.ofNullable(committed.get(partition)).map(FrontierCodec::decode);
                CommitFrontier frontier =
                        commit.map(FrontierCodec.Committed::frontier)
                                .orElseGet(() ->
                                        untouched(
                                                partition, beginnings.getOrDefault(partition, 0L)));
                Tenure tenure =
                        new Tenure(partition, source(partition), frontier, commit, journaled);
                consumer.seek(partition, frontier.position());
                tenures.put(partition, tenure);
                intake.begin(tenure);
            }
            publishSnapshot();
            log.atInfo()
                    .addKeyValue("partitions", partitions.toString())
                    .log("partitions assigned");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // The member's epoch may have moved on since the last poll; the partitions have not.
            publishSnapshot();
            release(partitions);
            // Ended while no transaction is open: a commit for a partition that has moved would be
            // accepted and overwrite its new owner's.
            intake.publishFinished(() -> endTenures(partitions));
            log.atInfo()
                    .addKeyValue("partitions", partitions.toString())
                    .log("partitions released");
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            endTenures(partitions);
            log.atWarn().addKeyValue("partitions", partitions.toString()).log("partitions lost");
        }

        private JobSource source(TopicPartition partition) {
            return Optional.ofNullable(sources.get(partition.topic()))
                    .orElseThrow(
                            () -> new IllegalStateException("no model reads " + partition.topic()));
        }

        /** A predecessor's transaction in doubt, or a coordinator on the move, takes its time. */
        private <T> T patiently(Supplier<T> question) {
            while (true) {
                try {
                    return question.get();
                } catch (TimeoutException e) {
                    if (stopping) {
                        throw e;
                    }
                    log.atWarn()
                            .addKeyValue("reason", e.getMessage())
                            .log("the brokers do not say yet where to start");
                }
            }
        }

        /** Lets jobs under way come to their end, within the bound. */
        private void release(Collection<TopicPartition> partitions) {
            long end = System.nanoTime() + releaseTimeout.toNanos();
            try {
                for (TopicPartition partition : partitions) {
                    Tenure tenure = tenures.get(partition);
                    Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
                    if (tenure != null && !tenure.awaitIdle(left)) {
                        log.atInfo()
                                .addKeyValue("partition", partition.toString())
                                .log("jobs under way are cancelled: their partition moves on");
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void endTenures(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                Tenure tenure = tenures.remove(partition);
                if (tenure != null) {
                    tenure.end();
                }
            }
            publishSnapshot();
        }

        /**
         * A partition without a commit is new, unless records were deleted from it: those were
         * below a frontier, so a commit has been lost, and starting over would repeat outcomes.
         */
        private static CommitFrontier untouched(TopicPartition partition, long beginning) {
            if (beginning > 0) {
                throw new IllegalStateException(
                        "no committed offset for "
                                + partition
                                + ", whose records start at "
                                + beginning
                                + ": the group's offsets were lost. Set them by hand"
                                + " (kafka-consumer-groups --reset-offsets) and start again");
            }
            return CommitFrontier.at(0);
        }
    }
}
