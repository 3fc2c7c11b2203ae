package dev.sluice.runtime.outcome;

import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.time.Instant;

/**
 * When a job's request was submitted and admitted, for metrics.
 *
 * @param submitted the request's own time of submission, or its record's timestamp
 * @param admitted when admission wrote the job
 * @param waitedOnPurpose whether the time between them is the requester's choice: the request may
 *     wait for the next day, or was sent again after a dead letter
 */
public record JobTimes(Instant submitted, Instant admitted, boolean waitedOnPurpose) {
    private static Instant admitted(Job job) {
        Instant admitted = job.admitted().getAdmittedAt();
        return admitted == null ? Instant.EPOCH : admitted;
    }

    public static JobTimes of(Job job) {
        return new JobTimes(
                Deadlines.submission(job),
                admitted(job),
                job.generation() > 0 || job.request().getWhenOverBudget() == WhenOverBudget.WAIT);
    }
}
