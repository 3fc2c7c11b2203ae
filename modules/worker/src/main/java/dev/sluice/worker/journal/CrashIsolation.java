package dev.sluice.worker.journal;

import dev.sluice.worker.journal.IsolationTurns.Group;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps suspects (see {@link JobHistory}) apart from the other jobs of their model, and from the
 * suspects of all other models. So no model waits for the suspects of another, and no suspect is
 * blamed for a crash that another one caused. Thread-safe.
 */
final class CrashIsolation {
    private final InstantSource clock;
    private final Map<String, IsolationTurns> models = new ConcurrentHashMap<>();
    private final IsolationTurns suspects;

    /**
     * @param clock monotonic: not affected by changes of the system clock
     */
    CrashIsolation(InstantSource clock) {
        this.clock = clock;
        this.suspects = new IsolationTurns(clock);
    }

    /** Waits until a job of this group may work; {@link #leave} must follow. */
    void enter(String model, Group group) throws InterruptedException {
        boolean suspect = group != Group.ALL;
        if (suspect) {
            suspects.enter(group);
        }
        boolean entered = false;
        try {
            of(model).enter(group);
            entered = true;
        } finally {
            if (suspect && !entered) {
                suspects.leave();
            }
        }
    }

    void leave(String model, Group group) {
        of(model).leave();
        if (group != Group.ALL) {
            suspects.leave();
        }
    }

    private IsolationTurns of(String model) {
        return models.computeIfAbsent(model, _ -> new IsolationTurns(clock));
    }
}
