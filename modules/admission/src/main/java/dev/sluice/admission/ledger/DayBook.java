package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;

/**
 * One day of one user's money, USD.
 *
 * @param spent known usage
 * @param unconfirmed calls whose answer was lost, at their worst case
 * @param reserved set aside for jobs under way
 * @param added to the day's limit
 */
public record DayBook(LocalDate day, Cost spent, Cost unconfirmed, Cost reserved, Cost added) {
    static DayBook empty(LocalDate day) {
        return new DayBook(day, Cost.ZERO, Cost.ZERO, Cost.ZERO, Cost.ZERO);
    }

    /** What will not come back. */
    public Cost gone() {
        return spent.plus(unconfirmed);
    }

    /** What no other job may have. */
    public Cost booked() {
        return gone().plus(reserved);
    }

    boolean isOpen() {
        return reserved.compareTo(Cost.ZERO) > 0;
    }

    DayBook reserve(Cost cap) {
        return new DayBook(day, spent, unconfirmed, reserved.plus(cap), added);
    }

    /**
     * What came of a reservation; what it did not use is free again. Sums stay at the most that
     * records hold.
     */
    DayBook settle(Cost cap, Cost spentOfIt, Cost unconfirmedOfIt) {
        return new DayBook(
                day,
                spent.plus(spentOfIt).min(Cost.MOST),
                unconfirmed.plus(unconfirmedOfIt).min(Cost.MOST),
                reserved.minus(cap),
                added);
    }

    /** With so much more to spend. */
    public DayBook add(Cost more) {
        return new DayBook(day, spent, unconfirmed, reserved, added.plus(more).min(Cost.MOST));
    }
}
