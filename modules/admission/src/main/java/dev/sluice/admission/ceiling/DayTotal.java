package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;

/**
 * The bookings under one ceiling on one day, in USD. Immutable.
 *
 * <p>Example: jobs have cost 60 USD and running jobs may cost 15 USD more: {@code consumed} is 60,
 * {@code reserved} is 15, and {@link #booked} is 75.
 *
 * @param consumed spent, or unconfirmed and booked at its worst case
 * @param reserved sum of the caps of running jobs
 */
public record DayTotal(Cost consumed, Cost reserved) {
    static final int BYTES = 2 * Long.BYTES;
    static final DayTotal NOTHING = new DayTotal(Cost.ZERO, Cost.ZERO);

    DayTotal plus(DayTotal other) {
        return new DayTotal(consumed.plus(other.consumed), reserved.plus(other.reserved));
    }

    /** Whether both amounts are between 0 and {@link Cost#MOST}. */
    boolean isValid() {
        return isAmount(consumed) && isAmount(reserved);
    }

    private static boolean isAmount(Cost cost) {
        return cost.compareTo(Cost.ZERO) >= 0 && cost.compareTo(Cost.MOST) <= 0;
    }

    /** Money that no other job may use. */
    Cost booked() {
        return consumed.plus(reserved);
    }

    void writeTo(ByteBuffer out) {
        out.putLong(consumed.billionths()).putLong(reserved.billionths());
    }

    static DayTotal of(ByteBuffer in) {
        return new DayTotal(Cost.ofBillionths(in.getLong()), Cost.ofBillionths(in.getLong()));
    }
}
