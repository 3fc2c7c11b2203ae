package dev.sluice.admission.limits;

/**
 * All configured limits of users.
 *
 * @param budgets daily budgets of each user
 * @param ceilings daily budgets that all users share
 * @param rates requests per hour
 * @param maxWaiting largest number of waiting requests of one user
 * @param maxInteractive number of running jobs of one user from which further jobs are bulk
 */
public record UserLimits(
        Budgets budgets, Ceilings ceilings, Rates rates, int maxWaiting, int maxInteractive) {
    private static final int WAITING = 10_000;

    /** Limits of spending only. */
    public static UserLimits of(Budgets budgets) {
        return new UserLimits(
                budgets,
                Ceilings.NONE,
                Rates.ofEach(Integer.MAX_VALUE),
                WAITING,
                Integer.MAX_VALUE);
    }
}
