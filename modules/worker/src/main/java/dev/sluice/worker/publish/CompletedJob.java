package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.PartitionAssignment;

/**
 * A job with its outcome, which is not yet published.
 *
 * @param bytes size of the job's record
 */
public record CompletedJob(
        PartitionAssignment assignment, long offset, int bytes, Outcome outcome) {}
