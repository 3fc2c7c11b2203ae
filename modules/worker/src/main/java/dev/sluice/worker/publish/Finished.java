package dev.sluice.worker.publish;

import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.worker.consume.Tenure;

/** A job that has its outcome, not yet published. */
public record Finished(Tenure tenure, long offset, Outcome outcome) {}
