package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;

/**
 * The bookings of one user on one day, in USD. Immutable.
 *
 * <p>Example: a job with a cap of 2 USD starts: {@code reserved} is 2. It ends with 0.50 USD of
 * known cost and one lost call of at most 0.10 USD: {@code spent} is 0.50, {@code unconfirmed} is
 * 0.10, {@code reserved} is 0, and 1.40 USD are free again.
 *
 * @param spent cost of calls whose usage is known
 * @param unconfirmed worst-case cost of calls whose answer was lost
 * @param reserved sum of the caps of running jobs
 * @param added sum of the additions to this day's limit
 */
public record DayBook(LocalDate day, Cost spent, Cost unconfirmed, Cost reserved, Cost added) {
    static DayBook empty(LocalDate day) {
        return new DayBook(day, Cost.ZERO, Cost.ZERO, Cost.ZERO, Cost.ZERO);
    }

    /** Money that stays booked: spent and unconfirmed. */
    public Cost consumed() {
        return spent.plus(unconfirmed);
    }

    /** Money that no other job may use: spent, unconfirmed and reserved. */
    public Cost booked() {
        return consumed().plus(reserved);
    }

    /** Whether a job still holds a reservation on this day. */
    boolean isOpen() {
        return reserved.compareTo(Cost.ZERO) > 0;
    }

    /** A copy with one more reservation. */
    DayBook reserve(Cost cap) {
        return new DayBook(day, spent, unconfirmed, reserved.plus(cap), added);
    }

    /**
     * A copy in which a reservation is replaced by the job's cost; the unused part of the cap is
     * free again. Sums stop at {@link Cost#MOST}, the largest amount a record can hold.
     */
    DayBook settle(Cost cap, Cost spentOfIt, Cost unconfirmedOfIt) {
        return new DayBook(
                day,
                spent.plus(spentOfIt).min(Cost.MOST),
                unconfirmed.plus(unconfirmedOfIt).min(Cost.MOST),
                reserved.minus(cap),
                added);
    }

    /** A copy with a higher limit, up to {@link Cost#MOST}. */
    public DayBook add(Cost more) {
        return new DayBook(day, spent, unconfirmed, reserved, added.plus(more).min(Cost.MOST));
    }
}
