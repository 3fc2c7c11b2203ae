package dev.sluice.admission.decide;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * How long tasks may work on what waits before their thread goes on with what comes: the tasks of a
 * thread share a small part of its time. Used by one thread.
 */
public final class TickBudget {
    /** How often each task has its tick. */
    public static final Duration INTERVAL = Duration.ofMillis(25);

    /** Of an interval. */
    private static final Duration TOGETHER = Duration.ofMillis(4);

    private final Set<Object> busy = new HashSet<>();

    /** What a task that has something to let go may take now. */
    public Duration of(Object task) {
        busy.add(task);
        return TOGETHER.dividedBy(busy.size());
    }

    /** A task has nothing to let go, or ends. */
    public void idle(Object task) {
        busy.remove(task);
    }
}
