package dev.sluice.analysis.guard;

import java.util.HashSet;
import java.util.Set;

/**
 * How many calls in a row a deployment turned down for what may be their own fault, none being
 * taken in between. A few are the requests' fault, and many of one analysis may be the analysis's;
 * one after the other of several is the deployment's. Safe for use by many threads.
 */
final class RejectionStreak {
    /** From this one on, it is the deployment. */
    private static final int TOO_MANY = 3;

    /** Analyses are configured; more are not told apart. */
    private static final int MOST_ANALYSES = 1_000;

    private final Set<String> calling = new HashSet<>();
    private final Set<String> rejected = new HashSet<>();
    private int inARow;

    /**
     * A call of an analysis was turned down; returns whether that looks like the deployment's
     * fault.
     */
    synchronized boolean rejected(String analysis) {
        add(calling, analysis);
        add(rejected, analysis);
        inARow = Math.min(TOO_MANY, inARow + 1);
        return inARow == TOO_MANY && (rejected.size() > 1 || calling.size() == 1);
    }

    /** A call of an analysis was taken. */
    synchronized void ends(String analysis) {
        add(calling, analysis);
        rejected.clear();
        inARow = 0;
    }

    private static void add(Set<String> names, String analysis) {
        if (names.size() < MOST_ANALYSES) {
            names.add(analysis);
        }
    }
}
