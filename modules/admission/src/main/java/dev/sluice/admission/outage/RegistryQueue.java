package dev.sluice.admission.outage;

import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.serde.WireFormat;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of records that wait while the schema registry does not answer. A periodic probe tries
 * the oldest records again. Not safe for use by several threads.
 */
public final class RegistryQueue {
    private static final Logger log = LoggerFactory.getLogger(RegistryQueue.class);
    private static final int BATCH = 500;
    private static final long BATCH_BYTES = 32L << 20;

    /** Longest time of one probe, because a transaction may be open. */
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

    /** Failures in a row after which a probe skips the other records of a schema. */
    private static final int MAX_FAILURES = 20;

    /** Most records that one probe visits. */
    private static final int MAX_VISITED = 20_000;

    /** Number of probes between two attempts on records set aside: ten minutes. */
    private static final int ASIDE = 600;

    private final PendingRecords pending;
    private final Work work;
    private final Totals totals;
    private final UnknownSchemas unknown = new UnknownSchemas();
    private boolean down;
    private int probes;

    /**
     * Counts over all queues of this process.
     *
     * @param pending records that wait for the registry
     * @param unreadable settlements set aside because the registry does not know their schema
     * @param silent limits the log message about an outage, which is the same for all queues
     */
    public record Totals(AtomicLong pending, AtomicLong unreadable, ThrottledLog silent) {
        /** Counts of a process that has just started. */
        public Totals() {
            this(new AtomicLong(), new AtomicLong(), new ThrottledLog(new SteadyClock()));
        }
    }

    /** The processing of a record, which needs the registry. */
    public interface Work {
        /**
         * Processes a record.
         *
         * @throws UnknownSchemaException if the registry does not know the record's schema
         */
        void take(Origin origin, SourceRecord record);

        /**
         * Called when the registry has answered often enough that it does not know the record's
         * schema.
         *
         * @return false if the record must be kept, because money depends on it
         */
        boolean giveUp(Origin origin, SourceRecord record, String message);
    }

    /** Opens the queue of one task. */
    public RegistryQueue(PendingRecords pending, Work work, Totals totals) {
        this.pending = pending;
        this.work = work;
        this.totals = totals;
        totals.pending().addAndGet(pending.size());
        totals.unreadable().addAndGet(pending.aside());
    }

    /** Processes a record, or adds it to the queue. */
    public void take(Origin origin, int partition, long offset, SourceRecord record) {
        if (down) {
            enqueue(origin, partition, offset, record);
            return;
        }
        try {
            work.take(origin, record);
        } catch (UnknownSchemaException e) {
            enqueue(origin, partition, offset, record);
        } catch (RuntimeException e) {
            requireOutage(e);
            down = true;
            if (totals.silent().isDue()) {
                log.atWarn()
                        .addKeyValue("reason", e.getMessage())
                        .log("records wait: the schema registry does not answer");
            }
            enqueue(origin, partition, offset, record);
        }
    }

    /**
     * Processes waiting records, oldest first. Records whose schema the registry does not return do
     * not hold up later ones. New records join the queue until all waiting records have been tried,
     * so their order is kept.
     */
    public void probe() {
        long end = System.nanoTime() + PROBE_LIMIT.toNanos();
        Map<Integer, Integer> failures = new HashMap<>();
        boolean answers = false;
        unknown.begin();
        if (++probes % ASIDE == 0) {
            retrySetAside(end);
        }
        int visited = 0;
        List<PendingRecords.Pending> batch = pending.first(BATCH, BATCH_BYTES);
        while (!batch.isEmpty()) {
            for (PendingRecords.Pending waiting : batch) {
                if (System.nanoTime() > end || ++visited > MAX_VISITED) {
                    return;
                }
                int schema = schema(waiting.record());
                if (failures.getOrDefault(schema, 0) < MAX_FAILURES) {
                    boolean answered = attempt(waiting, schema);
                    answers |= answered;
                    failures.merge(schema, 1, (before, one) -> answered ? 0 : before + one);
                }
            }
            batch = pending.after(batch.getLast(), BATCH, BATCH_BYTES);
        }
        if (down && (answers || pending.size() == 0)) {
            down = false;
            log.atDebug().log("the schema registry answers again");
        }
    }

    /** Returns false if the registry did not answer. */
    private boolean attempt(PendingRecords.Pending waiting, int schema) {
        try {
            if (!unknown.isUnknownInThisProbe(schema)) {
                try {
                    work.take(waiting.origin(), waiting.record());
                    unknown.found(schema);
                    leave(waiting);
                    return true;
                } catch (UnknownSchemaException e) {
                    unknown.add(schema, e);
                }
            }
            if (unknown.believed(schema)) {
                giveUp(waiting, schema);
            }
            return true;
        } catch (RuntimeException e) {
            requireOutage(e);
            return false;
        }
    }

    private void giveUp(PendingRecords.Pending waiting, int schema) {
        if (work.giveUp(waiting.origin(), waiting.record(), unknown.message(schema))) {
            leave(waiting);
            return;
        }
        pending.setAside(waiting);
        totals.pending().decrementAndGet();
        totals.unreadable().incrementAndGet();
        log.atError()
                .addKeyValue("topic", waiting.record().getTopic().toString())
                .addKeyValue("partition", waiting.record().getPartition())
                .addKeyValue("offset", waiting.record().getOffset())
                .addKeyValue("reason", unknown.message(schema))
                .log(
                        "a settlement is set aside because the schema registry does not know its"
                                + " schema; its reservation stays open; register schema "
                                + schema
                                + " again");
    }

    /** Tries the records set aside again. */
    private void retrySetAside(long end) {
        List<PendingRecords.Pending> batch = pending.firstAside(BATCH, BATCH_BYTES);
        while (!batch.isEmpty() && System.nanoTime() < end) {
            for (PendingRecords.Pending aside : batch) {
                if (!unknown.isUnknownInThisProbe(schema(aside.record())) && !take(aside)) {
                    return;
                }
            }
            batch = pending.after(batch.getLast(), BATCH, BATCH_BYTES);
        }
    }

    /** Returns false if the registry did not answer. */
    private boolean take(PendingRecords.Pending aside) {
        int schema = schema(aside.record());
        try {
            work.take(aside.origin(), aside.record());
            unknown.found(schema);
            pending.removeAside(aside);
            totals.unreadable().decrementAndGet();
        } catch (UnknownSchemaException e) {
            unknown.add(schema, e);
        } catch (RuntimeException e) {
            requireOutage(e);
            return false;
        }
        return true;
    }

    private void leave(PendingRecords.Pending waiting) {
        pending.remove(waiting);
        totals.pending().decrementAndGet();
    }

    /** The schema id of a record; 0 if it has none. */
    private static int schema(SourceRecord record) {
        ByteBuffer value = record.getValue();
        return value == null || value.remaining() < WireFormat.PREFIX_LENGTH
                ? 0
                : value.getInt(value.position() + 1);
    }

    /** Runs an action, and ignores its failure if the registry does not answer. */
    public void runUnlessOutage(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            if (!(e instanceof UnknownSchemaException)) {
                requireOutage(e);
            }
            log.atDebug()
                    .addKeyValue("reason", e.getMessage())
                    .log("waiting requests are tried later: the schema registry does not answer");
        }
    }

    /** Rethrows every failure that is not caused by the registry. */
    private static void requireOutage(RuntimeException failure) {
        if (!RegistryOutage.is(failure)) {
            throw failure;
        }
    }

    /**
     * Subtracts this queue from the counts; another task or process has its records from now on.
     */
    public void close() {
        totals.pending().addAndGet(-pending.size());
        totals.unreadable().addAndGet(-pending.aside());
    }

    private void enqueue(Origin origin, int partition, long offset, SourceRecord record) {
        pending.add(origin, partition, offset, record);
        totals.pending().incrementAndGet();
    }
}
