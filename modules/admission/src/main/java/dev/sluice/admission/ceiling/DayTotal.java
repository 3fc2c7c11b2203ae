package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;

/**
 * What is booked under a ceiling on one day.
 *
 * @param gone spent or lost
 * @param reserved set aside for jobs under way
 */
record DayTotal(Cost gone, Cost reserved) {
    static final int BYTES = 2 * Long.BYTES;
    static final DayTotal NOTHING = new DayTotal(Cost.ZERO, Cost.ZERO);

    DayTotal plus(DayTotal other) {
        return new DayTotal(gone.plus(other.gone), reserved.plus(other.reserved));
    }

    /** Whether both amounts fit into records. */
    boolean isValid() {
        return isAmount(gone) && isAmount(reserved);
    }

    private static boolean isAmount(Cost cost) {
        return cost.compareTo(Cost.ZERO) >= 0 && cost.compareTo(Cost.MOST) <= 0;
    }

    /** What no other job may use. */
    Cost booked() {
        return gone.plus(reserved);
    }

    void writeTo(ByteBuffer out) {
        out.putLong(gone.billionths()).putLong(reserved.billionths());
    }

    static DayTotal of(ByteBuffer in) {
        return new DayTotal(Cost.ofBillionths(in.getLong()), Cost.ofBillionths(in.getLong()));
    }
}
