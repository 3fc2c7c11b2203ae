package dev.sluice.analysis.guard;

import dev.sluice.analysis.concurrent.Mutex;
import java.util.HashSet;
import java.util.Set;

/**
 * Detector of a deployment that rejects every request. It counts rejections in a row that may be
 * the requests' own fault. From three in a row on, the deployment is at fault if they come from
 * several analyses, or if only one analysis calls it. Otherwise the requests or their analysis are
 * at fault. Safe for use by many threads.
 */
final class RejectionStreak {
    /** Rejections in a row from which the deployment may be at fault. */
    private static final int THRESHOLD = 3;

    /** Most analyses that are distinguished. */
    private static final int MOST_ANALYSES = 1_000;

    private final Mutex mutex = new Mutex();
    private final Set<String> calling = new HashSet<>();
    private final Set<String> rejected = new HashSet<>();
    private int inARow;

    /**
     * Counts a rejected call of an analysis; returns whether the deployment seems to be at fault.
     */
    boolean rejected(String analysis) {
        try (var _ = mutex.hold()) {
            add(calling, analysis);
            add(rejected, analysis);
            inARow = Math.min(THRESHOLD, inARow + 1);
            return inARow == THRESHOLD && (rejected.size() > 1 || calling.size() == 1);
        }
    }

    /** Ends the streak after an accepted call of an analysis. */
    void accepted(String analysis) {
        try (var _ = mutex.hold()) {
            add(calling, analysis);
            rejected.clear();
            inARow = 0;
        }
    }

    private static void add(Set<String> names, String analysis) {
        if (names.size() < MOST_ANALYSES) {
            names.add(analysis);
        }
    }
}
