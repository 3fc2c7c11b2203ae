package dev.sluice.analysis.guard;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ModelReply;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Failed tries of one job. A failed try counts against the job if its deployment answered another
 * job since this job's previous try there. Otherwise the failure is the provider's and the job
 * keeps waiting. Three 429s count as one failure, and so do three unusable answers while no other
 * job is answered. Confined to the job's thread.
 */
final class Tries {
    /** Failures in a row below which the job goes to the head of the queue for its next try. */
    private static final int HEAD_OF_QUEUE_BELOW = 2;

    private static final int NONE = 0;

    /** Weight of a failure while other jobs are answered, in thirds. */
    private static final int WHOLE = 3;

    /** Weight of a 429 or an unusable answer, which prove little about the job, in thirds. */
    private static final int THIRD = 1;

    private final Map<String, Long> answersAtLastTry = new HashMap<>();
    private final Map<String, Integer> failuresByDeployment = new HashMap<>();
    private final Map<String, String> excluded = new HashMap<>();
    private int thirds;
    private int allThirds;
    private int counted;
    private int failures;
    private int inARow;
    private int rejectedInARow;
    private boolean goesFirst;

    /** Whether the deployment answered another job since this job's previous try there. */
    boolean othersWereAnswered(DeploymentGuard.Permit permit) {
        Long before = answersAtLastTry.get(permit.deployment().id());
        return before != null && permit.answersBefore() > before;
    }

    /**
     * Counts a failed try. If its answer was lost and may still be charged, other jobs with unused
     * caps go first. An unusable answer (HTTP 2xx) proves that the provider answers: it counts a
     * third even if no other job was answered, so that a single job also ends.
     */
    void failed(DeploymentGuard.Permit permit, ModelReply.Unavailable failure) {
        boolean answers = failure.httpStatus().orElse(NONE) / 100 == 2;
        record(permit, othersWereAnswered(permit) ? WHOLE : answers ? THIRD : 0, WHOLE);
        rejectedInARow = 0;
        goesFirst = !failure.isAnswerLost() && inARow < HEAD_OF_QUEUE_BELOW;
    }

    /** Counts a try that the provider rejected with a 429. */
    void throttled(DeploymentGuard.Permit permit) {
        record(permit, othersWereAnswered(permit) ? THIRD : 0, THIRD);
        rejectedInARow++;
        goesFirst = rejectedInARow < HEAD_OF_QUEUE_BELOW;
    }

    /**
     * Counts a try that was rejected for a fault that an operator has to fix. Other jobs go first:
     * a job that the provider never accepts would block them.
     *
     * @param isForAll whether other jobs wait too
     */
    void blocked(DeploymentGuard.Permit permit, boolean isForAll) {
        record(permit, isForAll ? 0 : THIRD, WHOLE);
        rejectedInARow++;
        goesFirst = false;
    }

    /**
     * @param weight under {@link RetryPolicy.Counting#OWN}, in thirds
     * @param whole weight under {@link RetryPolicy.Counting#ALL}, in thirds
     */
    private void record(DeploymentGuard.Permit permit, int weight, int whole) {
        thirds += weight;
        allThirds += whole;
        failures++;
        counted += weight > 0 ? 1 : 0;
        String deployment = permit.deployment().id();
        answersAtLastTry.put(deployment, permit.answersBefore());
        failuresByDeployment.merge(deployment, 1, Integer::sum);
        inARow++;
    }

    /** Ends the failures in a row; earlier failures still count against the job. */
    void succeeded() {
        inARow = 0;
        rejectedInARow = 0;
        goesFirst = false;
    }

    /** Excludes a deployment that will never accept the job. */
    void exclude(DeploymentGuard.Permit permit, String message) {
        excluded.put(permit.deployment().id(), message);
        goesFirst = true;
    }

    /** Why a deployment will never accept the job; empty if it may. */
    Optional<String> excluded(DeploymentGuard guard) {
        return Optional.ofNullable(excluded.get(guard.deployment().id()));
    }

    /** Whether the job joins at the head of the queue for its next try. */
    boolean goesFirst() {
        return goesFirst;
    }

    /** Whether the counted tries have reached the policy's attempts. */
    boolean areUsedUp(RetryPolicy retries) {
        int used =
                switch (retries.counting()) {
                    case OWN -> thirds;
                    case ALL -> allThirds;
                };
        return used >= WHOLE * retries.attempts();
    }

    /** All failures. */
    int failures() {
        return failures;
    }

    /** Number of failures that count against the job, including those that count a third. */
    int counted() {
        return counted;
    }

    /** Failures since the last reply, for the backoff. */
    int inARow() {
        return inARow;
    }

    /** Failures of this job at one deployment; deployments with fewer failures are tried first. */
    int at(Deployment deployment) {
        return failuresByDeployment.getOrDefault(deployment.id(), 0);
    }
}
