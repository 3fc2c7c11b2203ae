package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The bookings of one task under one ceiling at its last {@value #EXCHANGES} exchanges, in USD.
 * They are stored, because an amount published just before a restart may not have reached the other
 * tasks yet.
 *
 * <p>Example: a task had booked 1, 4 and 3 USD. Another task knows one of these amounts: {@link
 * #least} is 1 and {@link #most} is 4. After an exchange with 5 USD booked the amounts are 4, 3 and
 * 5.
 *
 * @param booked amounts, oldest first
 */
record RecentBookings(List<Cost> booked) {
    /** Exchanges after which all other tasks know of a booking. */
    static final int EXCHANGES = 3;

    static final RecentBookings NOTHING =
            new RecentBookings(Collections.nCopies(EXCHANGES, Cost.ZERO));

    RecentBookings {
        booked = List.copyOf(booked);
    }

    /** A copy with the amount of one more exchange; the oldest amount is dropped. */
    RecentBookings with(Cost latest) {
        List<Cost> next = new ArrayList<>(booked.subList(1, booked.size()));
        next.add(latest);
        return new RecentBookings(next);
    }

    Cost least() {
        return Collections.min(booked);
    }

    Cost most() {
        return Collections.max(booked);
    }

    int bytes() {
        return booked.size() * Long.BYTES;
    }

    void writeTo(ByteBuffer out) {
        booked.forEach(cost -> out.putLong(cost.billionths()));
    }

    static RecentBookings of(ByteBuffer in) {
        List<Cost> booked = new ArrayList<>();
        while (booked.size() < EXCHANGES) {
            booked.add(Cost.ofBillionths(in.getLong()));
        }
        return new RecentBookings(booked);
    }
}
