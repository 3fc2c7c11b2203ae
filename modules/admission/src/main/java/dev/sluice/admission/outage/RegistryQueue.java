package dev.sluice.admission.outage;

import dev.sluice.admission.check.UnknownSchemaException;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.time.Duration;
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

    /** How long and for how many records one probe asks in vain: a transaction may be open. */
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

    private static final int MAX_FAILURES = 20;

    /** Probes after which a schema id that the registry does not know is believed to be wrong. */
    private static final int MAX_REFUSALS = 5;

    private final PendingRecords pending;
    private final Work work;
    private final AtomicLong pendingTotal;
    private boolean down;

    /** What is done with a record, for which the registry is needed. */
    public interface Work {
        /**
         * Works on it.
         *
         * @throws UnknownSchemaException if the registry does not know the record's schema
         */
        void take(Origin origin, SourceRecord record);

        /** The registry has said often enough that it does not know a request's schema. */
        void takeUndecodable(SourceRecord record, String message);
    }

    /**
     * A queue of one task.
     *
     * @param pendingTotal of all tasks of this process
     */
    public RegistryQueue(PendingRecords pending, Work work, AtomicLong pendingTotal) {
        this.pending = pending;
        this.work = work;
        this.pendingTotal = pendingTotal;
        pendingTotal.addAndGet(pending.size());
    }

    /** Works on a record, or lets it wait. */
    public void take(Origin origin, int partition, long offset, SourceRecord record) {
        if (down) {
            hold(origin, partition, offset, record, 0);
            return;
        }
        try {
            work.take(origin, record);
        } catch (UnknownSchemaException e) {
            hold(origin, partition, offset, record, 1);
        } catch (RuntimeException e) {
            requireOutage(e);
            down = true;
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("requests wait: the schema registry gives no answer");
            hold(origin, partition, offset, record, 0);
        }
    }

    /**
     * Works on what waits. A record whose schema the registry refuses to give does not hold back
     * those behind it: the outage is over as soon as one of them can be worked on.
     */
    public void probe() {
        boolean answers = false;
        int failures = 0;
        long started = System.nanoTime();
        for (PendingRecords.Pending waiting : pending.first(BATCH, BATCH_BYTES)) {
            try {
                take(waiting);
                answers = true;
            } catch (UnknownSchemaException e) {
                pending.refusedAgain(waiting);
                answers = true;
                continue;
            } catch (RuntimeException e) {
                requireOutage(e);
                boolean slow = System.nanoTime() - started > PROBE_LIMIT.toNanos();
                if (slow || ++failures >= MAX_FAILURES) {
                    break;
                }
                continue;
            }
            pending.remove(waiting);
            pendingTotal.decrementAndGet();
        }
        if (down && (answers || pending.size() == 0)) {
            down = false;
            log.atInfo().log("the schema registry answers again");
        }
    }

    /** Does something for which the registry may be needed; if it gives no answer, another time. */
    public void patiently(Runnable action) {
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
        pendingTotal.addAndGet(-pending.size());
    }

    private void take(PendingRecords.Pending waiting) {
        try {
            work.take(waiting.origin(), waiting.record());
        } catch (UnknownSchemaException e) {
            boolean isRequest =
                    waiting.origin() == Origin.REQUESTS || waiting.origin() == Origin.BROUGHT;
            if (waiting.refusals() < MAX_REFUSALS || !isRequest) {
                // Money hangs on the others: they wait for as long as it takes.
                throw e;
            }
            work.takeUndecodable(waiting.record(), String.valueOf(e.getMessage()));
        }
    }

    private void hold(
            Origin origin, int partition, long offset, SourceRecord record, int refusals) {
        pending.add(origin, partition, offset, record, refusals);
        pendingTotal.incrementAndGet();
    }
}
