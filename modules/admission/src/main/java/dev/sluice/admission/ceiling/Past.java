package dev.sluice.admission.ceiling;

import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a task had booked under a ceiling at its last exchanges. It survives the task: what was told
 * just before a restart is still on its way.
 *
 * @param booked the oldest first
 */
record Past(List<Cost> booked) {
    /** After so many all others have heard of what a task has booked. */
    static final int EXCHANGES = 3;

    static final Past NOTHING = new Past(Collections.nCopies(EXCHANGES, Cost.ZERO));

    Past {
        booked = List.copyOf(booked);
    }

    Past with(Cost latest) {
        List<Cost> next = new ArrayList<>(booked.subList(1, booked.size()));
        next.add(latest);
        return new Past(next);
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

    static Past of(ByteBuffer in) {
        List<Cost> booked = new ArrayList<>();
        while (booked.size() < EXCHANGES) {
            booked.add(Cost.ofBillionths(in.getLong()));
        }
        return new Past(booked);
    }
}
