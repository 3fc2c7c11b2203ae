package dev.sluice.worker.publish;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.worker.consume.FrontierCodec;
import dev.sluice.worker.consume.InFlight;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.Snapshot;
import java.time.Duration;
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
 * partitions it touches. Outcomes of ended assignments are dropped: whoever holds the partition now
 * works on those jobs again. A transaction that fails keeps its outcomes and publishes them again,
 * without a new call to the model. Outcomes that the brokers refuse hold up no others.
 */
public final class OutcomePublisher implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(OutcomePublisher.class);
    private static final Duration IDLE = Duration.ofMillis(250);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(5);

    /** Less than a producer's buffer, so that no send waits for room. */
    private static final long MAX_BATCH_BYTES = 32 << 20;

    private final OutcomeTransactions transactions;
    private final Supplier<Snapshot> snapshots;
    private final Function<ModelCall, List<ProducerRecord<byte[], byte[]>>> lateCalls;
    private final OutcomeReport report;
    private final Duration commitInterval;
    private final int maxOutcomes;

    /** What waits for the next transaction. */
    private final OutcomeQueue backlog;

    /** What the brokers refuse. */
    private final RejectedOutcomes setAside =
            new RejectedOutcomes(new SteadyClock(), REFUSED_PAUSE);

    /** One permit per outcome that came in since the last transaction. */
    private final Semaphore arrivals = new Semaphore(0);

    /** Held while a transaction is open, so that a revocation waits for the one in progress. */
    private final ReentrantLock publishing = new ReentrantLock();

    /** When the next transaction may begin, of {@link System#nanoTime}. */
    private long nextBegin;

    /** Whether the last transaction may or may not be committed; nothing else begins before. */
    private volatile boolean inDoubt;

    private final ThrottledLog unwritten = new ThrottledLog(new SteadyClock());
    private final ThrottledLog aborted = new ThrottledLog(new SteadyClock());
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException lastFailure;

    /**
     * @param lateCalls records of a call that came to light after its job was finished
     * @param commitInterval least time from the beginning of one transaction to the next
     * @param maxOutcomes how many it takes at most; with as many it waits no longer
     */
    public OutcomePublisher(
            OutcomeTransactions transactions,
            Supplier<Snapshot> snapshots,
            Function<ModelCall, List<ProducerRecord<byte[], byte[]>>> lateCalls,
            InFlight inFlight,
            SluiceMetrics metrics,
            Duration commitInterval,
            int maxOutcomes) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.lateCalls = lateCalls;
        this.report = new OutcomeReport(inFlight, metrics);
        this.commitInterval = commitInterval;
        this.nextBegin = System.nanoTime();
        this.maxOutcomes = maxOutcomes;
        this.backlog = new OutcomeQueue(maxOutcomes, MAX_BATCH_BYTES);
    }

    /** Takes an outcome for one of the next transactions. */
    public void submit(CompletedJob outcome) {
        backlog.add(outcome);
        arrivals.release();
    }

    /** What is wrong with publishing now, for whoever can mend it. */
    public Optional<String> complaint() {
        return Optional.ofNullable(lastFailure)
                .map(RuntimeException::toString)
                .or(setAside::complaint);
    }

    /** Outcomes that the brokers refuse. */
    public int refused() {
        return setAside.size();
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                if (arrivals.tryAcquire(IDLE.toMillis(), TimeUnit.MILLISECONDS)) {
                    awaitCompany();
                }
                publishAll();
                tryRefused();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As many transactions as there are batches; one that fails is tried until it succeeds. */
    private void publishAll() throws InterruptedException {
        boolean more = true;
        while (more && !stopping) {
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

    /** Tries one outcome of each topic that refused some; all of them, once it is taken. */
    private void tryRefused() throws InterruptedException {
        for (String topic : setAside.due()) {
            publishing.lockInterruptibly();
            try {
                List<CompletedJob> one = new ArrayList<>();
                setAside.takeOne(topic).ifPresent(one::add);
                if (publish(one) == Ending.DONE) {
                    backlog.addAll(setAside.release(topic));
                }
            } finally {
                publishing.unlock();
            }
        }
    }

    /**
     * Publishes what is finished now, on the caller's thread, and then does something more before
     * any further transaction can begin. Waits for the transaction in progress, and stops at the
     * first that fails: the caller is about to give partitions up and cannot wait for a broker that
     * does not answer.
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

    /** Ends {@link #run}; what is not published is left to the next worker. */
    public void stop() {
        stopping = true;
    }

    /** An outcome after a pause goes at once; those that follow go together. */
    private void awaitCompany() throws InterruptedException {
        int count = 1 + arrivals.drainPermits();
        while (count < maxOutcomes
                && arrivals.tryAcquire(nextBegin - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            count += 1 + arrivals.drainPermits();
        }
        nextBegin = System.nanoTime() + commitInterval.toNanos();
    }

    private enum Ending {
        /** Nothing of the batch is left to do. */
        DONE,

        /** What the brokers refuse is set aside; the rest can be tried at once. */
        REFUSED,

        /** It must be tried again. */
        FAILED
    }

    /** One transaction at most. What it did not publish is kept for another. */
    private Ending publish(List<CompletedJob> open) throws InterruptedException {
        boolean done = false;
        try {
            if (inDoubt) {
                return Ending.FAILED;
            }
            Snapshot snapshot = snapshots.get();
            dropEnded(open, snapshot);
            List<PartitionCommit> shares = PartitionCommit.of(open, snapshot);
            if (shares.isEmpty()) {
                lastFailure = null;
                done = true;
                return Ending.DONE;
            }
            Ending ending = tryPublish(open, shares, snapshot);
            done = ending == Ending.DONE;
            return ending;
        } finally {
            if (!done) {
                backlog.addAll(open);
            }
        }
    }

    /** What it leaves in the list must be tried again, unless it is done. */
    private Ending tryPublish(
            List<CompletedJob> open, List<PartitionCommit> shares, Snapshot snapshot)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        open.forEach(finished -> records.addAll(finished.outcome().records()));
        try {
            for (PartitionCommit share : shares) {
                commits.put(share.assignment().partition(), share.commit());
                share.late().forEach(call -> records.addAll(lateCalls.apply(call)));
            }
        } catch (KafkaException e) {
            lastFailure = e;
            log.atLevel(unwritten.isDue() ? Level.WARN : Level.DEBUG)
                    .addKeyValue("reason", e.toString())
                    .log("outcomes wait: a call that came to light late cannot be written");
            return Ending.FAILED;
        }
        switch (transactions.commit(records, commits, snapshot.group())) {
            case OutcomeTransactions.Committed() -> {
                shares.forEach(PartitionCommit::committed);
                open.forEach(report::published);
                report.transaction("committed");
                lastFailure = null;
                return Ending.DONE;
            }
            case OutcomeTransactions.Refused(var refusal) -> {
                report.transaction("refused");
                return setAside(refusal, open);
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
                        .log("transaction's end is unknown; asking the group what is committed");
                inDoubt = true;
                return Ending.FAILED;
            }
        }
    }

    private Ending setAside(BrokerRejection refusal, List<CompletedJob> open) {
        List<CompletedJob> refused =
                open.stream().filter(finished -> refusal.concerns(finished.outcome())).toList();
        if (refused.isEmpty()) {
            // A call without an outcome; nothing can be committed until it is taken.
            lastFailure = new IllegalStateException(refusal.topic() + ": " + refusal.reason());
            return Ending.FAILED;
        }
        setAside.add(refusal, refused);
        open.removeAll(refused);
        log.atError()
                .addKeyValue("topic", refusal.topic())
                .addKeyValue("outcomes", refused.size())
                .addKeyValue("reason", refusal.reason())
                .log("the brokers refuse outcomes, which wait until that is mended");
        return Ending.REFUSED;
    }

    /**
     * With a new producer of the same id nothing is in doubt: what is committed is committed. May
     * take as long as the brokers do not answer; meanwhile nothing is published, and assignments
     * may end.
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
        dropped.addAll(setAside.removeIf(ended));
        dropped.forEach(report::dropped);
    }
}
