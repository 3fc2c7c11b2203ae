package dev.sluice.admission.decide;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * When to look again at users whose requests wait for a time. Not safe for use by several threads.
 */
public final class Alarms {
    private final Queue<Alarm> alarms = new PriorityQueue<>(Comparator.comparing(Alarm::at));
    private final Set<String> users = new HashSet<>();

    private record Alarm(Instant at, String user) {}

    /** Looks at a user then; one who has an alarm keeps that one. */
    public void set(String user, Instant at) {
        if (users.add(user)) {
            alarms.add(new Alarm(at, user));
        }
    }

    /** Whose time has come. */
    public Set<String> due(Instant now) {
        Set<String> due = new HashSet<>();
        for (Alarm first = alarms.peek();
                first != null && !first.at().isAfter(now);
                first = alarms.peek()) {
            alarms.remove();
            users.remove(first.user());
            due.add(first.user());
        }
        return due;
    }
}
