package dev.sluice.evals.stats;

import java.util.Collection;

/** How reliable answers are: whether several repeats in a row would all pass. */
public final class PassAll {
    private PassAll() {}

    /**
     * The probability that so many repeats of a case all pass, averaged over the cases (pass^k).
     * Without bias: the share of the choices of k repeats that consist of passes only.
     *
     * @param k from 1 to the smallest number of repeats of a case
     */
    public static double of(Collection<Tally> tallies, int k) {
        return tallies.stream().mapToDouble(tally -> of(tally, k)).average().orElseThrow();
    }

    private static double of(Tally tally, int k) {
        if (k < 1 || k > tally.repeats()) {
            throw new IllegalArgumentException(k + " of " + tally.repeats() + " repeats");
        }
        double share = 1;
        for (int i = 0; i < k; i++) {
            share *= Math.max(0, tally.passes() - i) / (double) (tally.repeats() - i);
        }
        return share;
    }
}
