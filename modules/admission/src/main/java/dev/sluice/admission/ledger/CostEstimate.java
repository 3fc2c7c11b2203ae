package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;

/**
 * The worst-case cost of a job in USD.
 *
 * <p>Example: one call may cost 0.02 USD and the whole job 0.50 USD. With 1 USD free, the job's cap
 * is a quarter of that, 0.25 USD. With 4 USD free it is 0.50 USD, and with 0.04 USD free it is 0.02
 * USD.
 *
 * @param oneCall cost of one call; a smaller cap is useless
 * @param whole cost of all calls that the job may make
 */
public record CostEstimate(Cost oneCall, Cost whole) {
    /**
     * Divisor of the free money for one job's cap. A worst case is many times what a job costs: if
     * the first job reserved everything, the others would wait for it one after the other.
     */
    private static final int PARTS = 4;

    public CostEstimate {
        if (oneCall.compareTo(whole) > 0) {
            throw new IllegalArgumentException(
                    "one call may cost "
                            + oneCall
                            + " USD, which is more than the whole job: "
                            + whole
                            + " USD");
        }
    }

    /**
     * The cap of a job: a quarter of the free money, but at least one call and at most the whole
     * job.
     *
     * @param free money that is neither spent nor reserved, USD
     */
    public Cost cap(Cost free) {
        return free.part(PARTS).max(oneCall).min(whole);
    }
}
