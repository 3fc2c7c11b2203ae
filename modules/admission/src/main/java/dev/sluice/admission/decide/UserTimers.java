package dev.sluice.admission.decide;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * Times at which users with waiting requests are tried again: one time per user. Not safe for use
 * by several threads.
 */
final class UserTimers {
    private final Queue<Alarm> timers = new PriorityQueue<>(Comparator.comparing(Alarm::at));
    private final Map<String, Instant> earliest = new HashMap<>();

    private record Alarm(Instant at, String user) {}

    /** Sets the user's time, unless an earlier one is set. */
    void set(String user, Instant at) {
        Instant known = earliest.get(user);
        if (known == null || at.isBefore(known)) {
            earliest.put(user, at);
            timers.add(new Alarm(at, user));
        }
    }

    /** Removes and returns the users whose time has come. */
    Set<String> due(Instant now) {
        Set<String> due = new HashSet<>();
        for (Alarm first = timers.peek();
                first != null && !first.at().isAfter(now);
                first = timers.peek()) {
            timers.remove();
            // An alarm that an earlier one replaced has no effect.
            if (earliest.remove(first.user(), first.at())) {
                due.add(first.user());
            }
        }
        return due;
    }
}
