package dev.sluice.admission;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** When the timers of each open task of this process last ran. Thread-safe. */
final class TaskTurns {
    private final InstantSource clock;
    private final Map<Integer, Instant> turns = new ConcurrentHashMap<>();

    /**
     * @param clock not affected by changes of the system clock
     */
    TaskTurns(InstantSource clock) {
        this.clock = clock;
    }

    void turned(int task) {
        turns.put(task, clock.instant());
    }

    void closed(int task) {
        turns.remove(task);
    }

    /** The turn of the task that has stood still for the longest time; now, without open tasks. */
    Instant oldest() {
        return turns.values().stream().min(Instant::compareTo).orElseGet(clock::instant);
    }
}
