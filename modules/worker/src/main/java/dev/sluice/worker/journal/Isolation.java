package dev.sluice.worker.journal;

import dev.sluice.worker.journal.Company.Size;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps jobs that are suspected of killing workers apart from others of their model, and from the
 * suspects of all models: so no model waits for another's suspects, and none of these is accused of
 * what another did. Safe for use by many threads.
 */
final class Isolation {
    private final InstantSource clock;
    private final Map<String, Company> models = new ConcurrentHashMap<>();
    private final Company suspects;

    /**
     * @param clock steady, whatever is done to the system's
     */
    Isolation(InstantSource clock) {
        this.clock = clock;
        this.suspects = new Company(clock);
    }

    /** Returns when a job may work in company of this size; {@link #leave} must follow. */
    void enter(String model, Size size) throws InterruptedException {
        boolean suspect = size != Size.ANY;
        if (suspect) {
            suspects.enter(size);
        }
        boolean entered = false;
        try {
            of(model).enter(size);
            entered = true;
        } finally {
            if (suspect && !entered) {
                suspects.leave();
            }
        }
    }

    void leave(String model, Size size) {
        of(model).leave();
        if (size != Size.ANY) {
            suspects.leave();
        }
    }

    private Company of(String model) {
        return models.computeIfAbsent(model, _ -> new Company(clock));
    }
}
