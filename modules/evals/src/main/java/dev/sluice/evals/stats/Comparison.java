package dev.sluice.evals.stats;

import java.util.List;
import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.HypergeometricDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Whether the same cases pass more or less often than before.
 *
 * <p>The test is exact and conditional (Cochran, Mantel and Haenszel): if nothing had changed, the
 * passes of a case would be spread over its repeats of both sides by chance alone, whatever the
 * case's own rate is. The p-values are the probabilities of a difference in the sum of passes at
 * least as large. With one repeat on each side this is McNemar's exact test. It speaks of these
 * cases; how far they stand for others, the intervals of the pass rates say.
 *
 * @param difference mean of the cases' rates after, minus that before
 * @param pWorse probability of passing this rarely or more rarely by chance
 * @param pBetter probability of passing this often or more often by chance
 */
public record Comparison(double difference, double pWorse, double pBetter) {
    /** Probability of the verdict better or worse where nothing has changed; half for each. */
    public static final double ERROR = 0.05;

    /** With which probability so many repeats as {@link #repeatsToTell} names would tell. */
    private static final double POWER = 0.8;

    /** A case before and after. */
    public record Pair(Tally before, Tally after) {}

    /** What a comparison says. */
    public enum Verdict {
        BETTER,
        WORSE,
        CANNOT_TELL
    }

    /**
     * Compares cases.
     *
     * @param pairs at least one
     */
    public static Comparison of(List<Pair> pairs) {
        double[] distribution = {1};
        int passes = 0;
        double difference = 0;
        for (Pair pair : pairs) {
            distribution = plus(distribution, chances(pair));
            passes += pair.after().passes();
            difference += pair.after().rate() - pair.before().rate();
        }
        double worse = 0;
        double better = 0;
        for (int sum = 0; sum < distribution.length; sum++) {
            worse += sum <= passes ? distribution[sum] : 0;
            better += sum >= passes ? distribution[sum] : 0;
        }
        return new Comparison(difference / pairs.size(), Math.min(1, worse), Math.min(1, better));
    }

    /** By number of passes after, its probability if nothing had changed. */
    private static double[] chances(Pair pair) {
        int passes = pair.before().passes() + pair.after().passes();
        int repeats = pair.before().repeats() + pair.after().repeats();
        HypergeometricDistribution chance =
                HypergeometricDistribution.of(repeats, passes, pair.after().repeats());
        double[] chances = new double[pair.after().repeats() + 1];
        for (int i = 0; i < chances.length; i++) {
            chances[i] = chance.probability(i);
        }
        return chances;
    }

    private static double[] plus(double[] one, double[] other) {
        double[] sum = new double[one.length + other.length - 1];
        for (int i = 0; i < one.length; i++) {
            for (int j = 0; j < other.length; j++) {
                sum[i + j] += one[i] * other[j];
            }
        }
        return sum;
    }

    /**
     * The verdict of a test on both sides.
     *
     * @param comparisons how many are made at the same time: the probability that any of them errs
     *     is bounded (Bonferroni)
     */
    public Verdict verdict(int comparisons) {
        double most = ERROR / 2 / comparisons;
        if (pWorse <= most) {
            return Verdict.WORSE;
        }
        return pBetter <= most ? Verdict.BETTER : Verdict.CANNOT_TELL;
    }

    /**
     * Whether it is worse by more than chance, in a test on this side only.
     *
     * @param comparisons how many are made at the same time
     */
    public boolean isWorse(int comparisons) {
        return pWorse <= ERROR / comparisons;
    }

    /**
     * How many repeats of each case, on both sides, would probably tell a difference as large as
     * the observed one; empty if there is none.
     */
    public static OptionalInt repeatsToTell(List<Pair> pairs) {
        double difference = 0;
        double variance = 0;
        for (Pair pair : pairs) {
            difference += pair.after().rate() - pair.before().rate();
            double both =
                    (pair.before().passes() + pair.after().passes() + 0.5)
                            / (pair.before().repeats() + pair.after().repeats() + 1);
            variance += 2 * both * (1 - both);
        }
        if (difference == 0) {
            return OptionalInt.empty();
        }
        NormalDistribution normal = NormalDistribution.of(0, 1);
        double needed =
                normal.inverseCumulativeProbability(1 - ERROR / 2)
                        + normal.inverseCumulativeProbability(POWER);
        double repeats = variance * needed * needed / (difference * difference);
        return OptionalInt.of((int) Math.min(Integer.MAX_VALUE, Math.ceil(repeats)));
    }
}
