package dev.sluice.evals.stats;

/**
 * How often a case passed.
 *
 * @param passes number of repeats that passed
 * @param repeats number of repeats, at least 1
 */
public record Tally(int passes, int repeats) {
    public Tally {
        if (repeats < 1 || passes < 0 || passes > repeats) {
            throw new IllegalArgumentException(passes + " of " + repeats);
        }
    }

    /** The share of repeats that passed. */
    public double rate() {
        return (double) passes / repeats;
    }
}
