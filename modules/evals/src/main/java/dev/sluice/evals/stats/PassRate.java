package dev.sluice.evals.stats;

import java.util.Collection;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The pass rate of a set of cases: the mean of the cases' rates, with an interval in which the rate
 * of all cases of this kind lies with 95 % confidence.
 *
 * <p>Repeats of a case resemble each other, so they say less than as many cases would. The interval
 * is Wilson's for the effective number of observations (Korn and Graubard, 1998): the number of
 * independent observations whose mean would vary as much as the cases' rates do, reduced for few
 * cases by Student's t. Where all cases have the same rate, nothing is known of how repeats
 * resemble each other, and only cases count.
 *
 * @param low lower end of the interval
 * @param high upper end of the interval
 * @param cases number of cases
 * @param effective effective number of observations, of at least 1
 */
public record PassRate(double rate, double low, double high, int cases, double effective) {
    private static final double CONFIDENCE = 0.95;
    private static final double Z =
            NormalDistribution.of(0, 1).inverseCumulativeProbability(1 - (1 - CONFIDENCE) / 2);

    /**
     * The pass rate of cases.
     *
     * @param tallies at least one
     */
    public static PassRate of(Collection<Tally> tallies) {
        int cases = tallies.size();
        if (cases == 0) {
            throw new IllegalArgumentException("there are no cases");
        }
        double rate = tallies.stream().mapToDouble(Tally::rate).average().orElseThrow();
        double effective = Math.max(1, effective(tallies, rate));
        double half =
                Z * Math.sqrt(rate * (1 - rate) / effective + Z * Z / (4 * effective * effective));
        double centre = rate + Z * Z / (2 * effective);
        double scale = 1 + Z * Z / effective;
        return new PassRate(
                rate,
                rate == 0 ? 0 : Math.max(0, (centre - half) / scale),
                rate == 1 ? 1 : Math.min(1, (centre + half) / scale),
                cases,
                effective);
    }

    /** Whether all cases have the same rate; floating point would not tell. */
    private static boolean isSame(Collection<Tally> tallies) {
        Tally first = tallies.iterator().next();
        return tallies.stream()
                .allMatch(tally ->
                        (long) tally.passes() * first.repeats()
                                == (long) first.passes() * tally.repeats());
    }

    private static double effective(Collection<Tally> tallies, double rate) {
        int cases = tallies.size();
        int repeats = tallies.stream().mapToInt(Tally::repeats).sum();
        if (cases == 1) {
            // How cases differ is not known at all.
            return 1;
        }
        double squares =
                tallies.stream()
                        .mapToDouble(tally -> (tally.rate() - rate) * (tally.rate() - rate))
                        .sum();
        double variance = squares / (cases - 1) / cases;
        double observations =
                isSame(tallies) ? cases : Math.min(repeats, rate * (1 - rate) / variance);
        double t =
                TDistribution.of(cases - 1.0)
                        .inverseCumulativeProbability(1 - (1 - CONFIDENCE) / 2);
        return observations * (Z / t) * (Z / t);
    }
}
