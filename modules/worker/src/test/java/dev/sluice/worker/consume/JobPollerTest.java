package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class JobPollerTest {
    private static final TopicPartition PARTITION = new TopicPartition("jobs", 0);
    private static final JobSource SOURCE = new JobSource("m", Priority.INTERACTIVE);
    private static final byte[] JOB = "job".getBytes(StandardCharsets.UTF_8);

    /** A tenth is reserved for the bulk priority. */
    private static final int MOST = 20;

    private static final int ROOM = 18;

    private final long start = System.nanoTime();
    private volatile Instant now = Instant.EPOCH;
    private final CountDownLatch woken = new CountDownLatch(1);
    private volatile boolean losesAnswers;
    private final MockConsumer<byte[], byte[]> consumer =
            new MockConsumer<>("earliest") {
                @Override
                public void wakeup() {
                    woken.countDown();
                    super.wakeup();
                }

                @Override
                public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
                        Set<TopicPartition> partitions, Duration timeout) {
                    if (losesAnswers) {
                        throw new TimeoutException("the answer was lost");
                    }
                    return super.committed(partitions, timeout);
                }
            };
    private final InFlight inFlight = new InFlight(MOST, 1 << 30);
    private BiConsumer<PartitionAssignment, ConsumerRecord<byte[], byte[]>> whatJobsDo =
            (assignment, job) -> {};
    private final List<Long> started = Collections.synchronizedList(new ArrayList<>());
    private final JobPoller poller =
            new JobPoller(
                    consumer,
                    (partitions, limit) -> Map.of(PARTITION, new OffsetAndMetadata(7)),
                    Map.of(PARTITION.topic(), SOURCE),
                    false,
                    inFlight,
                    new Intake(),
                    Duration.ZERO,
                    () -> now.plusNanos(System.nanoTime() - start));
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(poller, "poller");

    /** Records the jobs that were started. */
    private final class Intake implements JobIntake {
        @Override
        public void holds(String model, double share) {}

        @Override
        public void begin(PartitionAssignment assignment) {}

        @Override
        public void accept(PartitionAssignment assignment, ConsumerRecord<byte[], byte[]> job) {
            started.add(job.offset());
            whatJobsDo.accept(assignment, job);
        }

        @Override
        public void publishFinished(Runnable then) {
            then.run();
        }
    }

    @BeforeEach
    void assign() throws InterruptedException {
        Node node = new Node(1, "broker", 1);
        consumer.updatePartitions(
                PARTITION.topic(),
                List.of(
                        new PartitionInfo(
                                PARTITION.topic(),
                                PARTITION.partition(),
                                node,
                                new Node[] {node},
                                new Node[] {node})));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        thread.start();
        onPoll(() -> consumer.rebalance(List.of(PARTITION)));
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (long left = started.size(); left > 0; left--) {
            inFlight.end(SOURCE, ConsumerRecord.NULL_SIZE);
        }
        poller.drainAndStop(Duration.ofSeconds(10));
        thread.join();
    }

    @Test
    void exactlyAsManyJobsAreStartedAsThereIsRoomForHoweverManyWereRead() throws Exception {
        onPoll(() -> LongStream.range(0, 300).forEach(this::arrives));
        onPoll(() -> {});
        assertThat(started).containsExactlyElementsOf(offsets(ROOM));

        for (int i = 0; i < 3; i++) {
            inFlight.end(SOURCE, ConsumerRecord.NULL_SIZE);
        }
        onPoll(() -> {});

        assertThat(started).containsExactlyElementsOf(offsets(ROOM + 3));
        started.subList(0, 3).clear();
    }

    @Test
    void committedOffsetsComeFromAnotherClientIfTheConsumerGetsNoAnswer() throws Exception {
        losesAnswers = true;
        onPoll(() -> {
            consumer.rebalance(List.of());
            consumer.rebalance(List.of(PARTITION));
        });

        assertThat(position()).isEqualTo(7);
    }

    @Test
    void readingGoesOnBehindDeletedJobsThatAreFinished() throws Exception {
        onPoll(() -> LongStream.range(0, 5).forEach(this::arrives));
        assertThat(started).hasSize(5);

        onPoll(() -> {
            consumer.seek(PARTITION, 3);
            consumer.setPollException(new OffsetOutOfRangeException(Map.of(PARTITION, 3L)));
        });

        assertThat(position()).isEqualTo(5);
        onPoll(() -> arrives(5));
        assertThat(started).containsExactlyElementsOf(offsets(6));
    }

    @Test
    void deletedJobsThatAreNotFinishedAreWaitedForAtFirst() throws Exception {
        onPoll(this::loseJobs);

        assertThat(position()).isZero();
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    @Timeout(10)
    void deletedJobsThatAreNotFinishedStopTheWorkerAfterAMinuteOfTheSteadyClock() throws Exception {
        onPoll(this::loseJobs);
        now = now.plusSeconds(59);
        onPoll(this::loseJobs);
        assertThat(thread.isAlive()).isTrue();

        now = now.plusSeconds(2);
        consumer.schedulePollTask(this::loseJobs);
        thread.join();

        assertThat(failure.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unfinished jobs were deleted from jobs-0");
    }

    private void loseJobs() {
        consumer.setPollException(new OffsetOutOfRangeException(Map.of(PARTITION, 0L)));
    }

    @Test
    @Timeout(10)
    void drainDoesNotWaitForJobsThatOnlyWait() throws Exception {
        AtomicInteger left = new AtomicInteger();
        whatJobsDo =
                (assignment, job) ->
                        Thread.ofVirtual()
                                .start(() -> {
                                    awaitForEver(assignment, job.offset());
                                    assignment.leave(job.offset());
                                    inFlight.end(SOURCE, job.serializedValueSize());
                                    left.incrementAndGet();
                                });
        onPoll(() -> LongStream.range(0, ROOM).forEach(this::arrives));
        onPoll(() -> {});
        assertThat(started).hasSize(ROOM);

        poller.drainAndStop(Duration.ofMinutes(10));

        assertThat(left).hasValue(ROOM);
        started.clear();
    }

    @Test
    void jobThatHoldsUpItsPartitionIsNamedWhileThePartitionIsPolled() throws Exception {
        whatJobsDo =
                (assignment, job) ->
                        assignment
                                .enter(job.offset(), Thread.currentThread())
                                .ifPresent(entered -> entered.identify("r-" + job.offset()));
        onPoll(() -> {
            arrives(0);
            arrives(13_000);
        });
        assertThat(poller.stalled().complaint()).isEmpty();

        now = now.plusSeconds(61);
        onPoll(() -> {});

        assertThat(poller.stalled().complaint())
                .hasValueSatisfying(complaint ->
                        assertThat(complaint).contains("jobs-0 is held up by the job at offset 0"));
        assertThat(poller.stalled().taken(SOURCE.model())).isGreaterThan(0.75);
    }

    @Test
    @Timeout(20)
    void loopThatHangsDoesNotTurn() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        consumer.schedulePollTask(() -> {
            hangs.countDown();
            awaitUninterrupted(release);
        });
        hangs.await();
        now = now.plus(Duration.ofMinutes(6));
        Instant turned = poller.lastTurn();
        assertThat(turned).isBefore(Instant.EPOCH.plus(Duration.ofMinutes(5)));

        release.countDown();

        onPoll(() -> {});
        assertThat(poller.lastTurn()).isAfter(turned.plus(Duration.ofMinutes(5)));
    }

    @Test
    @Timeout(20)
    void drainDoesNotWaitForARebalanceWhoseBrokersDoNotAnswer() throws Exception {
        CountDownLatch rebalancing = new CountDownLatch(1);
        consumer.schedulePollTask(() -> {
            rebalancing.countDown();
            awaitUninterrupted(woken);
        });
        rebalancing.await();

        poller.drainAndStop(Duration.ofMinutes(10));

        assertThat(woken.getCount()).isZero();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitForEver(PartitionAssignment assignment, long offset) {
        try {
            assignment
                    .enter(offset, Thread.currentThread())
                    .ifPresent(job -> job.at(RunningJob.Stage.CLEARANCE));
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long position() throws InterruptedException {
        AtomicLong position = new AtomicLong();
        onPoll(() -> position.set(consumer.position(PARTITION)));
        return position.get();
    }

    private void arrives(long offset) {
        consumer.addRecord(
                new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset, JOB, JOB));
    }

    private static List<Long> offsets(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    /** Runs an action at the beginning of a poll and waits until its effects are done. */
    private void onPoll(Runnable action) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        AtomicBoolean failed = new AtomicBoolean();
        consumer.schedulePollTask(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                failed.set(true);
                throw e;
            }
        });
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(done::countDown);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(failed).isFalse();
    }
}
