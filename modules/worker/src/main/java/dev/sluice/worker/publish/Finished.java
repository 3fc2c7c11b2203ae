package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.Tenure;

/**
 * A job that has its outcome, not yet published.
 *
 * @param bytes size of the job's record
 */
public record Finished(Tenure tenure, long offset, int bytes, Outcome outcome) {}
