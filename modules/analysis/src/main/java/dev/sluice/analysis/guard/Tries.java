package dev.sluice.analysis.guard;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The failed tries of one job. A try that failed counts against the job only if its deployment
 * answered someone else since the job's previous try there: otherwise the failure is the
 * provider's, and the job waits it out. Confined to the job's thread.
 */
final class Tries {
    /** So often a job that is turned away is the next to be tried. */
    private static final int FIRST_AGAIN = 2;

    /** Where it is for want of room, waiting is what helps, and small ones must not overtake it. */
    private static final int FIRST_AGAIN_FOR_ROOM = 8;

    private final Map<String, Long> answersAtLastTry = new HashMap<>();
    private final Map<String, Integer> failuresByDeployment = new HashMap<>();
    private final Map<String, String> excluded = new HashMap<>();
    private int counted;
    private int inARow;
    private int turnedAwayInARow;
    private boolean goesFirst;

    /** Whether the deployment answered someone else since the job's previous try there. */
    boolean othersWereAnswered(DeploymentGuard.Permit permit) {
        Long before = answersAtLastTry.get(permit.deployment().id());
        return before != null && permit.answersBefore() > before;
    }

    /**
     * A try failed.
     *
     * @param answerLost if it may have to be paid all the same: then others, whose caps are whole,
     *     go first
     */
    void failed(DeploymentGuard.Permit permit, boolean answerLost) {
        note(permit, true);
        turnedAwayInARow = 0;
        goesFirst = !answerLost;
    }

    /**
     * A try was turned away. After some times others go first: one that a provider never takes
     * would keep them from being tried.
     *
     * @param countable false where the provider has no room now, whoever asks
     */
    void turnedAway(DeploymentGuard.Permit permit, boolean countable) {
        note(permit, countable);
        turnedAwayInARow++;
        goesFirst = turnedAwayInARow < (countable ? FIRST_AGAIN : FIRST_AGAIN_FOR_ROOM);
    }

    private void note(DeploymentGuard.Permit permit, boolean countable) {
        if (countable && othersWereAnswered(permit)) {
            counted++;
        }
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

    /** Failures that count against the job. */
    int counted() {
        return counted;
    }

    /** Failures since the last reply, for backing off. */
    int inARow() {
        return inARow;
    }

    /** Failures of this job at one deployment: those that failed it less often go first. */
    int at(DeploymentGuard guard) {
        return failuresByDeployment.getOrDefault(guard.deployment().id(), 0);
    }
}
