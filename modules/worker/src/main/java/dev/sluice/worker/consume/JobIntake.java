package dev.sluice.worker.consume;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where jobs go and who publishes their outcomes. */
public interface JobIntake {
    /**
     * The worker holds so much of a model's partitions now, from 0 to 1: what is limited for all
     * workers is this worker's to that extent.
     */
    void holds(String model, double share);

    /** An assignment begins. */
    void begin(PartitionAssignment assignment);

    /** Works on a job, on a thread of its own. */
    void accept(PartitionAssignment assignment, ConsumerRecord<byte[], byte[]> job);

    /**
     * Publishes what is finished now, then does something more before any further transaction can
     * begin.
     */
    void publishFinished(Runnable then);
}
