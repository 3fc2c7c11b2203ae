package dev.sluice.analysis.guard;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ModelReply;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The failed tries of one job. A try that failed counts against the job if its deployment answered
 * someone else since the job's previous try there: otherwise the failure is the provider's, and the
 * job waits it out. Three 429s count as one failure, and so do three useless answers while nobody
 * else is answered. Confined to the job's thread.
 */
final class Tries {
    /** So often a job that failed or was turned away is the next to be tried. */
    private static final int FIRST_AGAIN = 2;

    private static final int NONE = 0;

    /** What a failure counts while others are answered, in thirds. */
    private static final int WHOLE = 3;

    /** What one counts that says little of the job: being turned away, or a useless answer. */
    private static final int THIRD = 1;

    private final Map<String, Long> answersAtLastTry = new HashMap<>();
    private final Map<String, Integer> failuresByDeployment = new HashMap<>();
    private final Map<String, String> excluded = new HashMap<>();
    private int thirds;
    private int allThirds;
    private int counted;
    private int failures;
    private int inARow;
    private int turnedAwayInARow;
    private boolean goesFirst;

    /** Whether the deployment answered someone else since the job's previous try there. */
    boolean othersWereAnswered(DeploymentGuard.Permit permit) {
        Long before = answersAtLastTry.get(permit.deployment().id());
        return before != null && permit.answersBefore() > before;
    }

    /**
     * A try failed. If it may have to be paid all the same, others, whose caps are whole, go first.
     * An answer that is of no use proves that somebody answers: it counts a little though nobody
     * else was answered, so that a job that is alone ends too.
     */
    void failed(DeploymentGuard.Permit permit, ModelReply.Unavailable failure) {
        boolean answers = failure.httpStatus().orElse(NONE) / 100 == 2;
        note(permit, othersWereAnswered(permit) ? WHOLE : answers ? THIRD : 0, WHOLE);
        turnedAwayInARow = 0;
        goesFirst = !failure.isAnswerLost() && inARow < FIRST_AGAIN;
    }

    /** The provider had no room for a try. */
    void throttled(DeploymentGuard.Permit permit) {
        note(permit, othersWereAnswered(permit) ? THIRD : 0, THIRD);
        turnedAwayInARow++;
        goesFirst = turnedAwayInARow < FIRST_AGAIN;
    }

    /**
     * A try was turned away for what an operator has to mend. Others are the next to be tried: one
     * that a provider never takes would keep them from it.
     *
     * @param isForAll whether the others wait too
     */
    void blocked(DeploymentGuard.Permit permit, boolean isForAll) {
        note(permit, isForAll ? 0 : THIRD, WHOLE);
        turnedAwayInARow++;
        goesFirst = false;
    }

    /**
     * @param weight in thirds
     * @param whole the weight where every try counts
     */
    private void note(DeploymentGuard.Permit permit, int weight, int whole) {
        thirds += weight;
        allThirds += whole;
        failures++;
        counted += weight > 0 ? 1 : 0;
        String deployment = permit.deployment().id();
        answersAtLastTry.put(deployment, permit.answersBefore());
        failuresByDeployment.merge(deployment, 1, Integer::sum);
        inARow++;
    }

    /** The model replied; what failed before still counts. */
    void succeeded() {
        inARow = 0;
        turnedAwayInARow = 0;
        goesFirst = false;
    }

    /** The deployment will never take the job. */
    void exclude(DeploymentGuard.Permit permit, String message) {
        excluded.put(permit.deployment().id(), message);
        goesFirst = true;
    }

    /** Why a deployment will never take the job, if it will not. */
    Optional<String> excluded(DeploymentGuard guard) {
        return Optional.ofNullable(excluded.get(guard.deployment().id()));
    }

    /** Whether the job comes back and goes before others. */
    boolean goesFirst() {
        return goesFirst;
    }

    /** Whether the job has had as many tries that count as it may. */
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

    /** Failures that count against the job, those that count a little included. */
    int counted() {
        return counted;
    }

    /** Failures since the last reply, for backing off. */
    int inARow() {
        return inARow;
    }

    /** Failures of this job at one deployment: those that failed it less often go first. */
    int at(Deployment deployment) {
        return failuresByDeployment.getOrDefault(deployment.id(), 0);
    }
}
