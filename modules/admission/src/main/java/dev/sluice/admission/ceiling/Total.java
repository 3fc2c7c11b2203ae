package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;

/**
 * What is booked of a day.
 *
 * @param gone spent or lost
 * @param reserved set aside for jobs under way
 */
record Total(Cost gone, Cost reserved) {
    static final int BYTES = 2 * Long.BYTES;
    static final Total NOTHING = new Total(Cost.ZERO, Cost.ZERO);

    Total plus(Total other) {
        return new Total(gone.plus(other.gone), reserved.plus(other.reserved));
    }

    /** Whether records hold such amounts. */
    boolean isSound() {
        return isAmount(gone) && isAmount(reserved);
    }

    private static boolean isAmount(Cost cost) {
        return cost.compareTo(Cost.ZERO) >= 0 && cost.compareTo(Cost.MOST) <= 0;
    }

    /** What nobody else may have. */
    Cost booked() {
        return gone.plus(reserved);
    }

    void writeTo(ByteBuffer out) {
        out.putLong(gone.billionths()).putLong(reserved.billionths());
    }

    static Total of(ByteBuffer in) {
        return new Total(Cost.ofBillionths(in.getLong()), Cost.ofBillionths(in.getLong()));
    }
}
