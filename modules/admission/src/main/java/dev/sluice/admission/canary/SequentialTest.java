package dev.sluice.admission.canary;

import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * Whether a canary fails more often, or less often, than the version beside it, at any time one
 * looks.
 *
 * <p>Each request goes to the canary with a known probability, whatever it has. So if both versions
 * fail equally often, each failure is the canary's with that probability. The test follows the
 * failures: a mixture of the likelihood ratios of all larger (or smaller) probabilities against the
 * known one. That is a martingale with mean 1 if the versions are equal, so by Ville's inequality
 * it ever reaches 1 / error with a probability of at most the error, however often one looks
 * (Robbins, 1970; Johari and others, 2017). Successes are not needed, and rates may change over
 * time as long as they change for both. Immutable.
 *
 * <p>Example: a canary gets 10 % of the requests. Of 20 failures, about 2 are its own if it is as
 * good as the version beside it. If 9 are, it is worse.
 */
public final class SequentialTest {
    /** Factors beyond this are not told apart. */
    private static final double MOST = 1_000;

    private static final int STEPS = 60;

    private final double share;
    private final double error;

    // The mixture: wide, with the known share as its mean.
    private final double alpha = 1;
    private final double beta;

    /**
     * @param share probability with which a request goes to the canary, between 0 and 1
     * @param error probability that equal versions are ever told apart, on each side
     */
    public SequentialTest(double share, double error) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share must be between 0 and 1, was " + share);
        }
        this.share = share;
        this.error = error;
        this.beta = (1 - share) / share;
    }

    /**
     * How many times as often as the version beside it the canary fails, with the error on each
     * side, at any time one looks.
     *
     * @param least 0 if there is no lower bound yet
     * @param most infinite if there is no upper bound yet
     */
    public record Factor(double least, double most) {}

    /** Whether the canary fails more often. */
    public boolean isWorse(long failures, long ofCanary) {
        return evidence(failures, ofCanary, share, true) >= 1 / error;
    }

    /** Whether the canary fails less often. */
    public boolean isBetter(long failures, long ofCanary) {
        return evidence(failures, ofCanary, share, false) >= 1 / error;
    }

    /** The factors that the failures do not rule out. */
    public Factor factor(long failures, long ofCanary) {
        double observed = failures == 0 ? share : (double) ofCanary / failures;
        double least = bound(failures, ofCanary, observed, true);
        double most = bound(failures, ofCanary, observed, false);
        return new Factor(
                least <= 1 / MOST ? 0 : least, most >= MOST ? Double.POSITIVE_INFINITY : most);
    }

    /**
     * The factor at which the evidence against smaller (or larger) ones begins to suffice, found by
     * halving between the observed share of the failures and the end of the scale.
     */
    private double bound(long failures, long ofCanary, double observed, boolean isLeast) {
        double known = Math.min(Math.max(factorOf(observed), 1 / MOST), MOST);
        double ruledOut = isLeast ? 1 / MOST : MOST;
        double open = known;
        if (evidence(failures, ofCanary, shareAt(ruledOut), isLeast) < 1 / error) {
            return ruledOut;
        }
        for (int step = 0; step < STEPS; step++) {
            double middle = Math.sqrt(ruledOut * open);
            if (evidence(failures, ofCanary, shareAt(middle), isLeast) >= 1 / error) {
                ruledOut = middle;
            } else {
                open = middle;
            }
        }
        return ruledOut;
    }

    /** The canary's share of all failures if it fails this many times as often. */
    private double shareAt(double factor) {
        return share * factor / (share * factor + 1 - share);
    }

    private double factorOf(double shareOfFailures) {
        return shareOfFailures >= 1
                ? MOST
                : shareOfFailures * (1 - share) / (share * (1 - shareOfFailures));
    }

    /**
     * The mixture of likelihood ratios of larger or smaller probabilities than one.
     *
     * @param known probability with which a failure is the canary's
     * @param isLarger for larger ones
     */
    private double evidence(long failures, long ofCanary, double known, boolean isLarger) {
        double a = alpha + ofCanary;
        double b = beta + failures - ofCanary;
        double log =
                LogBeta.value(a, b)
                        + Math.log(tail(known, a, b, isLarger))
                        - LogBeta.value(alpha, beta)
                        - Math.log(tail(known, alpha, beta, isLarger))
                        - ofCanary * Math.log(known)
                        - (failures - ofCanary) * Math.log1p(-known);
        return Math.exp(log);
    }

    private static double tail(double known, double a, double b, boolean isAbove) {
        return isAbove
                ? RegularizedBeta.complement(known, a, b)
                : RegularizedBeta.value(known, a, b);
    }
}
