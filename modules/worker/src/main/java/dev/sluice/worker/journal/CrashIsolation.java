package dev.sluice.worker.journal;

import dev.sluice.worker.journal.IsolationTurns.Group;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps jobs that are suspected of killing workers apart from others of their model, and from the
 * suspects of all models: so no model waits for another's suspects, and none of these is accused of
 * what another did. Safe for use by many threads.
 */
final class CrashIsolation {
    private final InstantSource clock;
    private final Map<String, IsolationTurns> models = new ConcurrentHashMap<>();
    private final IsolationTurns suspects;

    /**
     * @param clock steady, whatever is done to the system's
     */
    CrashIsolation(InstantSource clock) {
        this.clock = clock;
        this.suspects = new IsolationTurns(clock);
    }

    /** Returns when a job may work in turns of this group; {@link #leave} must follow. */
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
