package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.nio.ByteBuffer;

/**
 * What is booked of a day.
 *
 * @param gone spent or lost
 * @param reserved set aside for jobs under way
 */
record Total(Cost gone, Cost reserved) {
    static final Total NOTHING = new Total(Cost.ZERO, Cost.ZERO);

    Total plus(Total other) {
        return new Total(gone.plus(other.gone), reserved.plus(other.reserved));
    }

    /** What nobody else may have. */
    Cost booked() {
        return gone.plus(reserved);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(gone.usd().unscaledValue().longValueExact())
                .putLong(reserved.usd().unscaledValue().longValueExact())
                .array();
    }

    static Total of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new Total(cost(in.getLong()), cost(in.getLong()));
    }

    private static Cost cost(long billionths) {
        return new Cost(BigDecimal.valueOf(billionths, Cost.SCALE));
    }
}
