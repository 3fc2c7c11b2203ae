package dev.sluice.admission.limits;

/**
 * What users may do.
 *
 * @param budgets what they may spend
 * @param ceilings what all together may spend
 * @param rates how many requests they may send
 * @param maxWaiting how many requests of one user may wait
 * @param maxInteractive how many jobs of one user may be under way before further ones are bulk
 */
public record UserLimits(
        Budgets budgets, Ceilings ceilings, Rates rates, int maxWaiting, int maxInteractive) {
    private static final int WAITING = 10_000;

    /** Of those who may do everything but spend more. */
    public static UserLimits of(Budgets budgets) {
        return new UserLimits(
                budgets,
                Ceilings.NONE,
                Rates.ofEach(Integer.MAX_VALUE),
                WAITING,
                Integer.MAX_VALUE);
    }
}
