package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A queue of finished outcomes that are not yet published. It returns them in batches that fit into
 * a transaction, because after an outage there may be thousands. Any thread may add; only one
 * thread at a time may take.
 */
final class OutcomeQueue {
    private final int maxOutcomes;
    private final long maxBytes;
    private final Queue<CompletedJob> finished = new ConcurrentLinkedQueue<>();

    /**
     * The outcomes of one transaction.
     *
     * @param isFull whether more outcomes wait than fit
     */
    record Batch(List<CompletedJob> outcomes, boolean isFull) {}

    /**
     * @param maxBytes most bytes in a batch, unless its first outcome alone is larger
     */
    OutcomeQueue(int maxOutcomes, long maxBytes) {
        this.maxOutcomes = maxOutcomes;
        this.maxBytes = maxBytes;
    }

    void add(CompletedJob outcome) {
        finished.add(outcome);
    }

    void addAll(Collection<CompletedJob> outcomes) {
        finished.addAll(outcomes);
    }

    boolean isEmpty() {
        return finished.isEmpty();
    }

    /** Removes the oldest outcomes, as many as fit into one transaction. */
    Batch take() {
        List<CompletedJob> outcomes = new ArrayList<>();
        long bytes = 0;
        for (CompletedJob next = finished.peek(); next != null; next = finished.peek()) {
            bytes += size(next.outcome());
            if (outcomes.size() == maxOutcomes || (bytes > maxBytes && !outcomes.isEmpty())) {
                return new Batch(outcomes, true);
            }
            outcomes.add(finished.remove());
        }
        return new Batch(outcomes, false);
    }

    /** Removes the outcomes that need not be published any more. */
    List<CompletedJob> removeIf(Predicate<CompletedJob> unwanted) {
        List<CompletedJob> removed = new ArrayList<>();
        finished.removeIf(outcome -> unwanted.test(outcome) && removed.add(outcome));
        return removed;
    }

    private static long size(Outcome outcome) {
        long bytes = 0;
        for (ProducerRecord<byte[], byte[]> record : outcome.records()) {
            bytes += record.value().length;
        }
        return bytes;
    }
}
