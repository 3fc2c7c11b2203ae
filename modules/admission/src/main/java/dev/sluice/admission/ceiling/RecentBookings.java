package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a task had booked under a ceiling at its last exchanges. It is stored, because what was
 * published just before a restart may still be on its way.
 *
 * @param booked the oldest first
 */
record RecentBookings(List<Cost> booked) {
    /** After so many exchanges all other tasks know of a booking. */
    static final int EXCHANGES = 3;

    static final RecentBookings NOTHING =
            new RecentBookings(Collections.nCopies(EXCHANGES, Cost.ZERO));

    RecentBookings {
        booked = List.copyOf(booked);
    }

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
