package dev.sluice.evals.stats;

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
 * it ever reaches 1 / {@link #ERROR} with a probability of at most {@link #ERROR}, however often
 * one looks (Robbins, 1970; Johari and others, 2017). Successes are not needed, and rates may
 * change over time as long as they change for both. Not for use by several threads.
 */
public final class SequentialTest {
    /** Probability that equal versions are ever told apart, on each side. */
    public static final double ERROR = 0.05;

    private final double share;
    private final double alpha;
    private final double beta;
    private long failures;
    private long ofCanary;
    private double mostWorse = 1;
    private double mostBetter = 1;

    /**
     * @param share probability with which a request goes to the canary, between 0 and 1
     */
    public SequentialTest(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share must be between 0 and 1, was " + share);
        }
        this.share = share;
        // Wide, with the known share as its mean.
        this.alpha = 1;
        this.beta = (1 - share) / share;
    }

    /** A request has failed. */
    public void failed(boolean isCanary) {
        failures++;
        ofCanary += isCanary ? 1 : 0;
        mostWorse = Math.max(mostWorse, evidence(true));
        mostBetter = Math.max(mostBetter, evidence(false));
    }

    /**
     * The mixture of likelihood ratios of larger or smaller probabilities than the share.
     *
     * @param isWorse for larger ones
     */
    private double evidence(boolean isWorse) {
        double a = alpha + ofCanary;
        double b = beta + failures - ofCanary;
        double log =
                LogBeta.value(a, b)
                        + Math.log(tail(a, b, isWorse))
                        - LogBeta.value(alpha, beta)
                        - Math.log(tail(alpha, beta, isWorse))
                        - ofCanary * Math.log(share)
                        - (failures - ofCanary) * Math.log1p(-share);
        return Math.exp(log);
    }

    private double tail(double a, double b, boolean isAbove) {
        return isAbove
                ? RegularizedBeta.complement(share, a, b)
                : RegularizedBeta.value(share, a, b);
    }

    /** Whether the canary fails more often. Once it is true it stays true. */
    public boolean isWorse() {
        return mostWorse >= 1 / ERROR;
    }

    /** Whether the canary fails less often. Once it is true it stays true. */
    public boolean isBetter() {
        return mostBetter >= 1 / ERROR;
    }

    /**
     * A probability, valid at any time, of as much evidence for worse if the versions are equal.
     */
    public double pWorse() {
        return 1 / mostWorse;
    }

    /**
     * A probability, valid at any time, of as much evidence for better if the versions are equal.
     */
    public double pBetter() {
        return 1 / mostBetter;
    }

    /** Number of failures so far. */
    public long failures() {
        return failures;
    }

    /** Number of failures of the canary so far. */
    public long failuresOfCanary() {
        return ofCanary;
    }
}
