package dev.sluice.worker.consume;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Jobs of one assignment that were fetched and wait for room to start, in offset order. Confined to
 * the poll thread.
 */
final class FetchedJobs {
    private final Deque<ConsumerRecord<byte[], byte[]>> jobs = new ArrayDeque<>();
    private long readTo;

    /**
     * Adds jobs that were just fetched.
     *
     * @param next the offset after these jobs and any gap or transaction marker behind them
     */
    void add(List<ConsumerRecord<byte[], byte[]>> read, long next) {
        jobs.addAll(read);
        readTo = next;
    }

    Optional<ConsumerRecord<byte[], byte[]>> first() {
        return Optional.ofNullable(jobs.peekFirst());
    }

    void removeFirst() {
        jobs.removeFirst();
    }

    boolean isEmpty() {
        return jobs.isEmpty();
    }

    /** Discards the fetched jobs, which will be fetched again. */
    void discard() {
        jobs.clear();
        readTo = 0;
    }

    /** Every record below this offset was fetched. */
    long readTo() {
        return readTo;
    }
}
