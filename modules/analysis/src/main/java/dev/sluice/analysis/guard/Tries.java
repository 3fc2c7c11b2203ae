package dev.sluice.analysis.guard;

import java.util.HashMap;
import java.util.Map;

/**
 * The failed tries of one job. A try that failed counts against the job only if its deployment
 * answered someone else since the job's previous try there: otherwise the failure is the
 * provider's, and the job waits it out. Confined to the job's thread.
 */
final class Tries {
    private final Map<String, Long> answersAtLastTry = new HashMap<>();
    private final Map<String, Integer> failuresByDeployment = new HashMap<>();
    private int counted;
    private int inARow;

    /** A try failed or was turned away. */
    void failed(DeploymentGuard.Permit permit, boolean countable) {
        String deployment = permit.deployment().id();
        Long before = answersAtLastTry.put(deployment, permit.answersBefore());
        if (countable && before != null && permit.answersBefore() > before) {
            counted++;
        }
        failuresByDeployment.merge(deployment, 1, Integer::sum);
        inARow++;
    }

    /** The model replied; what failed before still counts. */
    void succeeded() {
        inARow = 0;
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
