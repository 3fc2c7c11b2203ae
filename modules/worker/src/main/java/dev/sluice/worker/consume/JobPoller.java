package dev.sluice.worker.consume;

import dev.sluice.contract.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The poll loop: the only thread that uses the consumer. It passes new jobs on and pauses
 * partitions that have no room. It never waits for a job, except when the job's partition is
 * revoked.
 */
public final class JobPoller implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(JobPoller.class);
    private static final Duration POLL = Duration.ofMillis(50);

    /** Time between two polls while a partition is paused. */
    private static final Duration WHILE_PAUSED = Duration.ofMillis(5);

    /**
     * How long records may be missing before the worker stops. Longer than the brokers' session
     * timeout, so that a lost partition is reported first.
     */
    private static final Duration LOSS = Duration.ofMinutes(1);

    /** Longest round of the loop while the brokers answer. */
    private static final Duration ROUND = Duration.ofSeconds(1);

    /** How often the loop checks for jobs that hold up their partition. */
    private static final Duration STALL_CHECK = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final Set<String> topics;
    private final InFlight inFlight;
    private final JobIntake intake;
    private final AssignedPartitions assignments;
    private final InstantSource clock;
    private final StalledPartitions stalled;
    private final Backlog backlog = new Backlog(InstantSource.system());
    private Instant nextStallCheck = Instant.MIN;
    private volatile Instant lastTurn;

    /** Partitions whose next records are missing, and since when. */
    private final Map<TopicPartition, Instant> outOfRange = new HashMap<>();

    private final Map<PartitionAssignment, FetchedJobs> fetched = new HashMap<>();

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

    /** The phases of the poll loop, in their order. */
    private enum Phase {
        RUNNING,
        /** No new job is to be started; the current round of the loop may still start some. */
        DRAINING,
        /** A whole round of the loop has started no job. */
        DRAINED,
        /** The loop ends. */
        STOPPING
    }

    /**
     * @param offsets asked if the consumer has no answer
     * @param sources the topics to read, with the model and priority of each
     * @param journaled whether calls are recorded in the journal
     * @param releaseTimeout how long running jobs may go on when their partition is revoked
     * @param clock monotonic: not affected by changes of the system clock
     */
    public JobPoller(
            Consumer<byte[], byte[]> consumer,
            CommittedOffsets offsets,
            Map<String, JobSource> sources,
            boolean journaled,
            InFlight inFlight,
            JobIntake intake,
            Duration releaseTimeout,
            InstantSource clock) {
        this.clock = clock;
        this.lastTurn = clock.instant();
        this.consumer = consumer;
        this.topics = sources.keySet();
        this.inFlight = inFlight;
        this.intake = intake;
        this.assignments =
                new AssignedPartitions(
                        consumer,
                        offsets,
                        sources,
                        journaled,
                        intake,
                        releaseTimeout,
                        this::isStopping,
                        clock);
        this.stalled = new StalledPartitions(() -> snapshot().assignments().values(), clock);
    }

    /** Partitions that are held up by one job. */
    public StalledPartitions stalled() {
        return stalled;
    }

    /**
     * When the last round of the loop began, or the brokers were last asked in it, by the poller's
     * clock.
     */
    public Instant lastTurn() {
        Instant question = assignments.lastQuestion();
        return question.isAfter(lastTurn) ? question : lastTurn;
    }

    /** Age in seconds of the oldest job that is fetched and not started; 0 if there is none. */
    public double lagSeconds(JobSource source) {
        return backlog.seconds(source);
    }

    /** The worker's group membership and its assignments, as of the last poll. */
    public Snapshot snapshot() {
        return assignments.snapshot();
    }

    @Override
    public void run() {
        try {
            consumer.subscribe(topics, assignments);
            while (!isStopping()) {
                poll();
            }
        } catch (WakeupException e) {
            if (!isStopping()) {
                throw e;
            }
        } finally {
            leave();
        }
    }

    /**
     * Publishes the finished outcomes while the group membership is valid, then leaves the group.
     */
    private void leave() {
        try {
            assignments.leave();
        } finally {
            try {
                consumer.close();
            } finally {
                stopped.countDown();
            }
        }
    }

    /** Takes no more jobs, waits for running calls, then leaves the group. */
    public void drainAndStop(Duration grace) throws InterruptedException {
        boolean _ = phase.compareAndSet(Phase.RUNNING, Phase.DRAINING);
        Instant end = clock.instant().plus(grace);
        Instant lastJobs = clock.instant().plus(ROUND);
        while (mayHaveJobs(lastJobs) && clock.instant().isBefore(end) && stopped.getCount() > 0) {
            snapshot().assignments().values().forEach(assignment -> assignment.leaveBy(end));
            boolean _ = stopped.await(10, TimeUnit.MILLISECONDS);
        }
        if (inFlight.total() > 0) {
            log.atWarn()
                    .addKeyValue("jobs", inFlight.total())
                    .log("jobs are still under way at the end of the grace period");
        }
        phase.set(Phase.STOPPING);
        consumer.wakeup();
        if (!stopped.await(30, TimeUnit.SECONDS)) {
            log.atWarn().log("the consumer did not close in time");
        }
    }

    /**
     * Whether jobs are running or may still start. The poll thread starts none while it is in a
     * rebalance and the brokers do not answer; {@code lastJobs} bounds the wait for that.
     */
    private boolean mayHaveJobs(Instant lastJobs) {
        return inFlight.total() > 0
                || (phase.get() == Phase.DRAINING && clock.instant().isBefore(lastJobs));
    }

    private boolean isStopping() {
        return phase.get() == Phase.STOPPING;
    }

    private boolean isDraining() {
        return phase.get() != Phase.RUNNING;
    }

    private void poll() {
        lastTurn = clock.instant();
        boolean isLastRound = isDraining();
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = next();
        } catch (NoOffsetForPartitionException e) {
            // The partition has no commit and was polled before its assignment began. The
            // assignment knows where to start.
            e.partitions().forEach(this::seekToAssignment);
            return;
        } catch (OffsetOutOfRangeException e) {
            awaitLoss(e);
            return;
        }
        outOfRange.keySet().removeAll(records.nextOffsets().keySet());
        assignments.publishSnapshot();
        fetched.keySet().removeIf(assignment -> !assignment.isLive());
        records.nextOffsets()
                .forEach((partition, next) -> {
                    PartitionAssignment assignment = assignments.assignment(partition);
                    if (assignment != null) {
                        fetched(assignment).add(records.records(partition), next.offset());
                    }
                });
        // Interactive first: bulk jobs get the room that interactive jobs leave.
        for (Priority priority : List.of(Priority.INTERACTIVE, Priority.BULK)) {
            for (PartitionAssignment assignment : assignments.assignments()) {
                if (assignment.source().priority() == priority && !isDraining()) {
                    start(assignment);
                }
            }
        }
        pauseAndResume();
        logStalled();
        if (isLastRound) {
            boolean _ = phase.compareAndSet(Phase.DRAINING, Phase.DRAINED);
        }
    }

    private void logStalled() {
        Instant now = clock.instant();
        if (!now.isBefore(nextStallCheck)) {
            nextStallCheck = now.plus(STALL_CHECK);
            stalled.logNew();
        }
    }

    /**
     * Polls for records. While the consumer holds records of a paused partition, its poll does not
     * wait but loops until its timeout, which costs CPU. So this thread waits itself.
     */
    private ConsumerRecords<byte[], byte[]> next() {
        if (consumer.paused().isEmpty()) {
            return consumer.poll(POLL);
        }
        LockSupport.parkNanos(WHILE_PAUSED.toNanos());
        return consumer.poll(Duration.ZERO);
    }

    /**
     * Handles jobs that were deleted before they were read. There are three causes. An earlier
     * assignment finished them and the frontier has passed them meanwhile: reading continues after
     * them. Or this worker stalled, another worker held the partition and finished them, and the
     * brokers are about to report the partition as lost. If that does not happen within {@link
     * #LOSS}, the jobs were deleted by mistake.
     *
     * @throws IllegalStateException if unfinished jobs were deleted
     */
    private void awaitLoss(OffsetOutOfRangeException e) {
        Instant now = clock.instant();
        outOfRange.keySet().removeIf(partition -> assignments.assignment(partition) == null);
        for (TopicPartition partition : e.partitions()) {
            PartitionAssignment assignment = assignments.assignment(partition);
            long met = e.offsetOutOfRangePartitions().getOrDefault(partition, Long.MAX_VALUE);
            if (assignment != null && assignment.nextOffset() > met) {
                consumer.seek(partition, assignment.nextOffset());
                continue;
            }
            if (outOfRange.computeIfAbsent(partition, first -> now).isBefore(now.minus(LOSS))) {
                throw new IllegalStateException(
                        "unfinished jobs were deleted from "
                                + partition
                                + ": the topic must have no retention limit, and only Sluice may"
                                + " delete its records",
                        e);
            }
        }
        LockSupport.parkNanos(POLL.toNanos());
    }

    private void seekToAssignment(TopicPartition partition) {
        PartitionAssignment assignment = assignments.assignment(partition);
        if (assignment != null) {
            consumer.seek(partition, assignment.nextOffset());
        }
    }

    private FetchedJobs fetched(PartitionAssignment assignment) {
        return fetched.computeIfAbsent(assignment, _ -> new FetchedJobs());
    }

    /** Starts fetched jobs while there is room. */
    private void start(PartitionAssignment assignment) {
        FetchedJobs jobs = fetched(assignment);
        while (!jobs.isEmpty() && !inFlight.isFull(assignment.source())) {
            ConsumerRecord<byte[], byte[]> job = jobs.first().orElseThrow();
            switch (assignment.arrive(job.offset())) {
                case NEW -> {
                    inFlight.begin(assignment.source(), job.serializedValueSize());
                    intake.accept(assignment, job);
                }
                case FINISHED ->
                        log.atDebug()
                                .addKeyValue("partition", assignment.partition().toString())
                                .addKeyValue("offset", job.offset())
                                .log("job was finished by an earlier assignment");
                case TOO_FAR -> {
                    consumer.seek(assignment.partition(), assignment.nextOffset());
                    jobs.discard();
                    return;
                }
            }
            jobs.removeFirst();
        }
        if (jobs.isEmpty()) {
            boolean _ = assignment.skipTo(jobs.readTo());
        }
    }

    private void pauseAndResume() {
        Set<TopicPartition> paused = consumer.paused();
        List<TopicPartition> toPause = new ArrayList<>();
        List<TopicPartition> toResume = new ArrayList<>();
        Backlog.Round round = new Backlog.Round();
        for (PartitionAssignment assignment : assignments.assignments()) {
            TopicPartition partition = assignment.partition();
            var first = fetched(assignment).first();
            first.ifPresent(job -> round.add(assignment.source(), job.timestamp()));
            boolean wait =
                    isDraining()
                            || inFlight.isFull(assignment.source())
                            || first.isPresent()
                            || !assignment.hasRoom();
            if (wait && !paused.contains(partition)) {
                toPause.add(partition);
            } else if (!wait && paused.contains(partition)) {
                toResume.add(partition);
            }
        }
        backlog.replaceWith(round);
        consumer.pause(toPause);
        consumer.resume(toResume);
    }
}
