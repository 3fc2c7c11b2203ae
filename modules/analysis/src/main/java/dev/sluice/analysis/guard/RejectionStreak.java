package dev.sluice.analysis.guard;

/**
 * How many calls in a row a deployment rejected without saying why, none being taken in between. A
 * few are the requests' fault; one after the other is the deployment's. Safe for use by many
 * threads.
 */
final class RejectionStreak {
    /** From this one on, it is the deployment. */
    private static final int TOO_MANY = 3;

    private int inARow;

    /**
     * A call was rejected.
     *
     * @return whether that looks like the deployment's fault
     */
    synchronized boolean rejected() {
        inARow = Math.min(TOO_MANY, inARow + 1);
        return inARow == TOO_MANY;
    }

    /** A call was taken. */
    synchronized void ends() {
        inARow = 0;
    }
}
