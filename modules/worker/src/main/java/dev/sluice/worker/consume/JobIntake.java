package dev.sluice.worker.consume;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where jobs go and who publishes their outcomes. */
public interface JobIntake {
    /** A tenure begins. */
    void begin(Tenure tenure);

    /** Works on a job, on a thread of its own. */
    void accept(Tenure tenure, ConsumerRecord<byte[], byte[]> job);

    /**
     * Publishes what is finished now, then does something more before any further transaction can
     * begin.
     */
    void publishFinished(Runnable then);
}
