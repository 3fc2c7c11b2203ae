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
 * Lets records wait while the registry gives no answer, and asks again with the oldest of them. Not
 * safe for use by several threads.
 */
public final class RegistryQueue {
    private static final Logger log = LoggerFactory.getLogger(RegistryQueue.class);
    private static final int BATCH = 500;
    private static final long BATCH_BYTES = 32L << 20;

    /** How long one probe takes: a transaction may be open. */
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

    /** For so many records of one schema a probe asks in vain, one after the other. */
    private static final int MAX_FAILURES = 20;

    /** So many records a probe looks at. */
    private static final int MAX_LOOKED = 20_000;

    /** After so many probes it asks for those that are set aside: ten minutes. */
    private static final int ASIDE = 600;

    private final PendingRecords pending;
    private final Work work;
    private final Totals totals;
    private final UnknownSchemas unknown = new UnknownSchemas();
    private boolean down;
    private int probes;

    /**
     * What waits in all queues of this process.
     *
     * @param pending for an answer of the registry
     * @param unreadable settlements of schemas that it does not know
     * @param silent what each queue has to say of an outage, which is the same
     */
    public record Totals(AtomicLong pending, AtomicLong unreadable, ThrottledLog silent) {
        /** Of a process that has just started. */
        public Totals() {
            this(new AtomicLong(), new AtomicLong(), new ThrottledLog(new SteadyClock()));
        }
    }

    /** What is done with a record, for which the registry is needed. */
    public interface Work {
        /**
         * Works on it.
         *
         * @throws UnknownSchemaException if the registry does not know the record's schema
         */
        void take(Origin origin, SourceRecord record);

        /**
         * The registry has said often enough that it does not know the record's schema.
         *
         * @return false if it must not be lost: money hangs on it
         */
        boolean giveUp(Origin origin, SourceRecord record, String message);
    }

    /** A queue of one task. */
    public RegistryQueue(PendingRecords pending, Work work, Totals totals) {
        this.pending = pending;
        this.work = work;
        this.totals = totals;
        totals.pending().addAndGet(pending.size());
        totals.unreadable().addAndGet(pending.aside());
    }

    /** Works on a record, or lets it wait. */
    public void take(Origin origin, int partition, long offset, SourceRecord record) {
        if (down) {
            hold(origin, partition, offset, record);
            return;
        }
        try {
            work.take(origin, record);
        } catch (UnknownSchemaException e) {
            hold(origin, partition, offset, record);
        } catch (RuntimeException e) {
            requireOutage(e);
            down = true;
            if (totals.silent().isDue()) {
                log.atWarn()
                        .addKeyValue("reason", e.getMessage())
                        .log("records wait: the schema registry gives no answer");
            }
            hold(origin, partition, offset, record);
        }
    }

    /**
     * Works on what waits, from the oldest on. Records whose schema the registry refuses to give do
     * not hold back those behind them. Until all have been tried, new ones wait behind them: so the
     * order is kept.
     */
    public void probe() {
        long end = System.nanoTime() + PROBE_LIMIT.toNanos();
        Map<Integer, Integer> failures = new HashMap<>();
        boolean answers = false;
        unknown.begin();
        if (++probes % ASIDE == 0) {
            askForThoseAside(end);
        }
        int looked = 0;
        List<PendingRecords.Pending> batch = pending.first(BATCH, BATCH_BYTES);
        while (!batch.isEmpty()) {
            for (PendingRecords.Pending waiting : batch) {
                if (System.nanoTime() > end || ++looked > MAX_LOOKED) {
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
            log.atDebug().log("nothing waits: the schema registry answers");
        }
    }

    /** False if the registry gave no answer. */
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
                .addKeyValue("topic", waiting.record().getTopic())
                .addKeyValue("partition", waiting.record().getPartition())
                .addKeyValue("offset", waiting.record().getOffset())
                .addKeyValue("reason", unknown.message(schema))
                .log(
                        "a settlement is set aside until the registry knows its schema: what was"
                                + " reserved stays reserved; register schema "
                                + schema
                                + " again");
    }

    /** Works on those whose schema is there by now. */
    private void askForThoseAside(long end) {
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

    /** False if the registry gave no answer. */
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

    /** Which schema a record needs; where it names none, it needs none. */
    private static int schema(SourceRecord record) {
        ByteBuffer value = record.getValue();
        return value == null || value.remaining() < WireFormat.PREFIX_LENGTH
                ? 0
                : value.getInt(value.position() + 1);
    }

    /** Does something for which the registry may be needed; if it gives no answer, another time. */
    public void runUnlessOutage(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            if (!(e instanceof UnknownSchemaException)) {
                requireOutage(e);
            }
            log.atDebug()
                    .addKeyValue("reason", e.getMessage())
                    .log("requests wait on: the schema registry gives no answer");
        }
    }

    /** Whatever is not the registry's fault goes on. */
    private static void requireOutage(RuntimeException failure) {
        if (!RegistryOutage.is(failure)) {
            throw failure;
        }
    }

    /** What waits is another task's, or another process's, from now on. */
    public void close() {
        totals.pending().addAndGet(-pending.size());
        totals.unreadable().addAndGet(-pending.aside());
    }

    private void hold(Origin origin, int partition, long offset, SourceRecord record) {
        pending.add(origin, partition, offset, record);
        totals.pending().incrementAndGet();
    }
}
