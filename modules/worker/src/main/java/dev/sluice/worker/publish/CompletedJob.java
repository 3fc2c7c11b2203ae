package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.trace.JobTrace;
import java.time.Instant;

/**
 * A job with its outcome, which is not yet published.
 *
 * @param bytes size of the job's record
 * @param started when this worker started it
 * @param ready when its outcome was ready to be published
 * @param trace its spans
 */
public record CompletedJob(
        PartitionAssignment assignment,
        long offset,
        int bytes,
        Instant started,
        Instant ready,
        JobTrace trace,
        Outcome outcome) {}
