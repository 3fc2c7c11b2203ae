package dev.sluice.runtime.outcome;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.runtime.job.Job;
import java.time.Duration;
import java.time.Instant;

/** When a request is too old to be worth paying for. */
public final class Deadlines {
    /** For requests that name no deadline. */
    public static final Duration DEFAULT_LIFE = Duration.ofHours(24);

    private Deadlines() {}

    /** When a job is. */
    public static Instant of(Job job) {
        Instant received = job.admitted().getSource().getTimestamp();
        return of(job.request(), received == null ? Instant.EPOCH : received);
    }

    /**
     * The request's own deadline, or a day after it was submitted.
     *
     * @param recordTimestamp stands for the time of submission where the request has none
     */
    public static Instant of(AnalysisRequest request, Instant recordTimestamp) {
        if (request.getDeadline() != null) {
            return request.getDeadline();
        }
        Instant submitted = isSubmissionKnown(request) ? request.getSubmittedAt() : recordTimestamp;
        return submitted.plus(DEFAULT_LIFE);
    }

    /** Whether the request says when it was submitted: 0 and before stand for nothing. */
    public static boolean isSubmissionKnown(AnalysisRequest request) {
        return request.getSubmittedAt() != null && request.getSubmittedAt().isAfter(Instant.EPOCH);
    }
}
