package dev.sluice.worker.consume;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Jobs of one assignment that were read and wait for room, in their order. Confined to the poll
 * thread.
 */
final class FetchedJobs {
    private final Deque<ConsumerRecord<byte[], byte[]>> jobs = new ArrayDeque<>();
    private long readTo;

    /**
     * Jobs that were just read.
     *
     * @param next where reading goes on after them and whatever follows them that is no record
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

    /** They will be read again. */
    void forget() {
        jobs.clear();
        readTo = 0;
    }

    /** Below this everything has been read. */
    long readTo() {
        return readTo;
    }
}
