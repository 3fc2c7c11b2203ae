package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.PartitionAssignment;
import java.time.Instant;

/**
 * A job with its outcome, which is not yet published.
 *
 * @param bytes size of the job's record
 * @param started when this worker started it
 * @param ready when its outcome was ready to be published
 */
public record CompletedJob(
        PartitionAssignment assignment,
        long offset,
        int bytes,
        Instant started,
        Instant ready,
        Outcome outcome) {}
