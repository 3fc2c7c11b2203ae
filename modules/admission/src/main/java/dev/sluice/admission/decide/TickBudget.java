package dev.sluice.admission.decide;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The time that the tasks of one stream thread may spend on waiting requests in each tick, before
 * the thread returns to new records. Busy tasks share {@link #TOGETHER} equally. Used by one
 * thread.
 */
public final class TickBudget {
    /** Time between two ticks of a task. */
    public static final Duration INTERVAL = Duration.ofMillis(25);

    /** Time that all tasks of the thread may spend in one interval. */
    private static final Duration TOGETHER = Duration.ofMillis(4);

    private final Set<Object> busy = new HashSet<>();

    /** The time that a task with due requests may spend in this tick. */
    public Duration of(Object task) {
        busy.add(task);
        return TOGETHER.dividedBy(busy.size());
    }

    /** Records that a task has no due requests, or is closed. */
    public void idle(Object task) {
        busy.remove(task);
    }
}
