package dev.sluice.worker.publish;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.worker.consume.FrontierCodec;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Publishes finished outcomes in short transactions, each together with the frontiers of the
 * partitions it touches. Outcomes of ended assignments are dropped, because the new holder of the
 * partition processes those jobs again. If a transaction fails, its outcomes are kept and published
 * again, without a new call to the model. Outcomes that the brokers reject do not hold up others.
 */
public final class OutcomePublisher implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(OutcomePublisher.class);
    private static final Duration IDLE = Duration.ofMillis(250);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
    private static final Duration REJECTED_PAUSE = Duration.ofSeconds(5);

    /** Less than a producer's buffer, so that no send waits for space. */
    private static final long MAX_BATCH_BYTES = 32 << 20;

    private final InstantSource clock;
    private final OutcomeTransactions transactions;
    private final Supplier<Snapshot> snapshots;
    private final Function<ModelCall, List<ProducerRecord<byte[], byte[]>>> lateCalls;
    private final OutcomeReport report;
    private final Duration commitInterval;
    private final int maxOutcomes;

    /** Outcomes that wait for the next transaction. */
    private final OutcomeQueue backlog;

    /** Outcomes that the brokers reject. */
    private final RejectedOutcomes rejectedOutcomes =
            new RejectedOutcomes(new SteadyClock(), REJECTED_PAUSE);

    /** One permit per outcome submitted since the last transaction. */
    private final Semaphore arrivals = new Semaphore(0);

    /** Held while a transaction is open, so that a revocation waits for the one in progress. */
    private final ReentrantLock publishing = new ReentrantLock();

    /** Earliest begin of the next transaction, in terms of {@link System#nanoTime}. */
    private long nextBegin;

    /**
     * Whether the result of the last transaction is unknown; no other transaction begins until it
     * is settled.
     */
    private volatile boolean inDoubt;

    private volatile Instant lastTurn;

    private final ThrottledLog unwritten = new ThrottledLog(new SteadyClock());
    private final ThrottledLog aborted = new ThrottledLog(new SteadyClock());
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException lastFailure;

    /**
     * @param lateCalls makes the records of a call whose journal entry was found after its job was
     *     finished
     * @param commitInterval least time from the beginning of one transaction to the next
     * @param maxOutcomes most outcomes in one transaction; a full transaction starts without
     *     further waiting
     */
    public OutcomePublisher(
            OutcomeTransactions transactions,
            Supplier<Snapshot> snapshots,
            Function<ModelCall, List<ProducerRecord<byte[], byte[]>>> lateCalls,
            OutcomeReport report,
            Duration commitInterval,
            int maxOutcomes,
            InstantSource clock) {
        this.clock = clock;
        this.lastTurn = clock.instant();
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.lateCalls = lateCalls;
        this.report = report;
        this.commitInterval = commitInterval;
        this.nextBegin = System.nanoTime();
        this.maxOutcomes = maxOutcomes;
        this.backlog = new OutcomeQueue(maxOutcomes, MAX_BATCH_BYTES);
    }

    /** Adds an outcome to one of the next transactions. */
    public void submit(CompletedJob outcome) {
        backlog.add(outcome);
        arrivals.release();
    }

    /** For operators: why outcomes are not published now, or empty if they are. */
    public Optional<String> complaint() {
        return Optional.ofNullable(lastFailure)
                .map(RuntimeException::toString)
                .or(rejectedOutcomes::complaint);
    }

    /** When the last round of the loop began, by the publisher's clock. */
    public Instant lastTurn() {
        return lastTurn;
    }

    /** Whether the brokers have not yet settled the last transaction. */
    public boolean isInDoubt() {
        return inDoubt;
    }

    /** Number of outcomes that the brokers reject. */
    public int rejected() {
        return rejectedOutcomes.size();
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                if (arrivals.tryAcquire(IDLE.toMillis(), TimeUnit.MILLISECONDS)) {
                    gatherBatch();
                }
                publishAll();
                tryRejected();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Publishes the whole backlog, one transaction per batch. A failed transaction is repeated
     * until it succeeds.
     */
    private void publishAll() throws InterruptedException {
        boolean more = true;
        while (more && !stopping) {
            lastTurn = clock.instant();
            if (inDoubt) {
                settle();
            }
            Ending ending;
            publishing.lockInterruptibly();
            try {
                OutcomeQueue.Batch batch = backlog.take();
                ending = publish(batch.outcomes());
                more = batch.isFull() || ending != Ending.DONE;
            } finally {
                publishing.unlock();
            }
            if (ending == Ending.FAILED) {
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    /**
     * Tries one outcome of each topic that rejected some. If it is accepted, all outcomes of the
     * topic return to the backlog.
     */
    private void tryRejected() throws InterruptedException {
        for (String topic : rejectedOutcomes.due()) {
            lastTurn = clock.instant();
            publishing.lockInterruptibly();
            try {
                List<CompletedJob> one = new ArrayList<>();
                rejectedOutcomes.takeOne(topic).ifPresent(one::add);
                if (publish(one) == Ending.DONE) {
                    backlog.addAll(rejectedOutcomes.release(topic));
                }
            } finally {
                publishing.unlock();
            }
        }
    }

    /**
     * Publishes the finished outcomes on the caller's thread, then runs an action before the next
     * transaction can begin. Waits for the transaction in progress. Stops at the first failed
     * transaction: the caller is about to give up partitions and cannot wait for a broker that does
     * not answer.
     */
    public void publishFinished(Runnable then) {
        publishing.lock();
        try {
            boolean more = true;
            while (more) {
                Ending ending = publish(backlog.take().outcomes());
                more = ending != Ending.FAILED && !backlog.isEmpty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            try {
                then.run();
            } finally {
                publishing.unlock();
            }
        }
    }

    /** Ends {@link #run}; the next worker publishes what is left. */
    public void stop() {
        stopping = true;
    }

    /**
     * Waits for more outcomes until the transaction is full or its earliest begin is reached. So a
     * single outcome after a pause is published at once, and later ones together.
     */
    private void gatherBatch() throws InterruptedException {
        int count = 1 + arrivals.drainPermits();
        while (count < maxOutcomes
                && arrivals.tryAcquire(nextBegin - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            count += 1 + arrivals.drainPermits();
        }
        nextBegin = System.nanoTime() + commitInterval.toNanos();
    }

    private enum Ending {
        /** The batch is done. */
        DONE,

        /** Rejected outcomes were set aside; the others can be tried at once. */
        REJECTED,

        /** The batch must be tried again. */
        FAILED
    }

    /** Runs at most one transaction. Outcomes that it did not publish return to the backlog. */
    private Ending publish(List<CompletedJob> open) throws InterruptedException {
        boolean done = false;
        try {
            if (inDoubt) {
                return Ending.FAILED;
            }
            Snapshot snapshot = snapshots.get();
            dropEnded(open, snapshot);
            List<PartitionCommit> partitionCommits = PartitionCommit.of(open, snapshot);
            if (partitionCommits.isEmpty()) {
                lastFailure = null;
                done = true;
                return Ending.DONE;
            }
            Ending ending = tryPublish(open, partitionCommits, snapshot);
            done = ending == Ending.DONE;
            return ending;
        } finally {
            if (!done) {
                backlog.addAll(open);
            }
        }
    }

    /**
     * Publishes the open outcomes. Unless the result is {@code DONE}, those still in the list must
     * be tried again.
     */
    private Ending tryPublish(
            List<CompletedJob> open, List<PartitionCommit> partitionCommits, Snapshot snapshot)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        open.forEach(finished -> records.addAll(finished.outcome().records()));
        try {
            for (PartitionCommit partitionCommit : partitionCommits) {
                commits.put(partitionCommit.assignment().partition(), partitionCommit.commit());
                partitionCommit.late().forEach(call -> records.addAll(lateCalls.apply(call)));
            }
        } catch (KafkaException e) {
            lastFailure = e;
            log.atLevel(unwritten.isDue() ? Level.WARN : Level.DEBUG)
                    .addKeyValue("reason", e.toString())
                    .log("outcomes wait: a late call cannot be serialized");
            return Ending.FAILED;
        }
        switch (transactions.commit(records, commits, snapshot.group())) {
            case OutcomeTransactions.Committed() -> {
                partitionCommits.forEach(PartitionCommit::committed);
                open.forEach(report::published);
                report.transaction("committed");
                lastFailure = null;
                return Ending.DONE;
            }
            case OutcomeTransactions.Rejected(var rejection) -> {
                report.transaction("rejected");
                return setAside(rejection, open);
            }
            case OutcomeTransactions.Aborted(var failure) -> {
                report.transaction("aborted");
                lastFailure = failure;
                log.atLevel(aborted.isDue() ? Level.WARN : Level.DEBUG)
                        .addKeyValue("outcomes", open.size())
                        .addKeyValue("reason", failure.toString())
                        .log("transaction aborted; its outcomes are published again");
                return Ending.FAILED;
            }
            case OutcomeTransactions.Unknown(var failure) -> {
                report.transaction("recovered");
                lastFailure = failure;
                log.atWarn()
                        .addKeyValue("outcomes", open.size())
                        .addKeyValue("reason", failure.toString())
                        .log(
                                "transaction's result is unknown; asking the brokers for the"
                                        + " group's committed offsets");
                inDoubt = true;
                return Ending.FAILED;
            }
        }
    }

    private Ending setAside(BrokerRejection rejection, List<CompletedJob> open) {
        List<CompletedJob> rejected =
                open.stream().filter(finished -> rejection.concerns(finished.outcome())).toList();
        if (rejected.isEmpty()) {
            // A late call was rejected, not an outcome. Nothing can be committed until it is
            // accepted.
            lastFailure = new IllegalStateException(rejection.topic() + ": " + rejection.reason());
            return Ending.FAILED;
        }
        rejectedOutcomes.add(rejection, rejected);
        open.removeAll(rejected);
        log.atError()
                .addKeyValue("topic", rejection.topic())
                .addKeyValue("outcomes", rejected.size())
                .addKeyValue("reason", rejection.reason())
                .log("the brokers reject outcomes, which wait until the cause is fixed");
        return Ending.REJECTED;
    }

    /**
     * Settles a transaction with an unknown result: opens a new producer of the same id, after
     * which the group's committed offsets are final. Waits as long as the brokers do not answer.
     * Meanwhile no outcome is published, and assignments may end.
     */
    private void settle() throws InterruptedException {
        Snapshot before = snapshots.get();
        var answer = transactions.recover(before.assignments().keySet());
        if (answer.isEmpty()) {
            return;
        }
        publishing.lockInterruptibly();
        try {
            inDoubt = false;
            Snapshot now = snapshots.get();
            answer.get()
                    .forEach((partition, commit) -> {
                        PartitionAssignment assignment = before.assignments().get(partition);
                        if (assignment != null && commit != null && now.holds(assignment)) {
                            settle(assignment, commit);
                        }
                    });
        } finally {
            publishing.unlock();
        }
    }

    private void settle(PartitionAssignment assignment, OffsetAndMetadata commit) {
        FrontierCodec.Committed known = FrontierCodec.decode(commit);
        List<CompletedJob> done =
                backlog.removeIf(finished ->
                        finished.assignment() == assignment
                                && known.frontier().isFinished(finished.offset()));
        List<Long> offsets = done.stream().map(CompletedJob::offset).toList();
        assignment.committed(offsets, commit);
        assignment
                .journal()
                .ifPresent(journal ->
                        known.marks().ifPresent(marks -> journal.recovered(marks, offsets)));
        done.forEach(report::published);
    }

    private void dropEnded(List<CompletedJob> open, Snapshot snapshot) {
        Predicate<CompletedJob> ended = finished -> !snapshot.holds(finished.assignment());
        List<CompletedJob> dropped = new ArrayList<>(open.stream().filter(ended).toList());
        open.removeAll(dropped);
        dropped.addAll(rejectedOutcomes.removeIf(ended));
        dropped.forEach(report::dropped);
    }
}
