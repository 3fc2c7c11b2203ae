package dev.sluice.worker.consume;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Receives the jobs that the poll loop reads, and publishes their outcomes on request. */
public interface JobIntake {
    /**
     * Reports the share of the model's partitions that the worker holds now, from 0 to 1. The
     * worker may use this share of the limits that all workers share.
     */
    void holds(String model, double share);

    /** An assignment begins. */
    void begin(PartitionAssignment assignment);

    /** Processes a job on a thread of its own. */
    void accept(PartitionAssignment assignment, ConsumerRecord<byte[], byte[]> job);

    /**
     * Publishes the outcomes that are finished now, then runs an action before the next transaction
     * can begin.
     */
    void publishFinished(Runnable then);
}
