package dev.sluice.runtime.outcome;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.runtime.job.Job;
import java.time.Duration;
import java.time.Instant;

/** The deadline of requests and jobs: later they are not worth paying for. */
public final class Deadlines {
    /** Time from submission to the deadline of a request without its own deadline. */
    public static final Duration DEFAULT_LIFE = Duration.ofHours(24);

    private Deadlines() {}

    /**
     * The deadline of a job. A job that judges answers again makes no call, so its request's
     * deadline does not count: it has {@link #DEFAULT_LIFE} from its admission.
     */
    public static Instant of(Job job) {
        Instant admitted = job.admitted().getAdmittedAt();
        if (admitted != null && DeadLetterPlace.isIn(job.admitted().getSource())) {
            return admitted.plus(DEFAULT_LIFE);
        }
        return of(job.request(), received(job));
    }

    /** When the job's request was submitted: the time that it names, or its record's timestamp. */
    static Instant submission(Job job) {
        return isSubmissionKnown(job.request()) ? job.request().getSubmittedAt() : received(job);
    }

    private static Instant received(Job job) {
        Instant received = job.admitted().getSource().getTimestamp();
        return received == null ? Instant.EPOCH : received;
    }

    /**
     * The request's own deadline, or {@link #DEFAULT_LIFE} after its submission.
     *
     * @param recordTimestamp used if the request has no time of submission
     */
    public static Instant of(AnalysisRequest request, Instant recordTimestamp) {
        if (request.getDeadline() != null) {
            return request.getDeadline();
        }
        Instant submitted = isSubmissionKnown(request) ? request.getSubmittedAt() : recordTimestamp;
        return submitted.plus(DEFAULT_LIFE);
    }

    /**
     * Whether the request has a time of submission; 0 and negative values mean that it has none.
     */
    public static boolean isSubmissionKnown(AnalysisRequest request) {
        return request.getSubmittedAt() != null && request.getSubmittedAt().isAfter(Instant.EPOCH);
    }
}
