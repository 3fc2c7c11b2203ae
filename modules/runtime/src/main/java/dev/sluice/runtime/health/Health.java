package dev.sluice.runtime.health;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The liveness and readiness checks of this process's parts. A part that is not live needs a
 * restart. A part that is not ready needs time, or the repair of something that it waits for. Safe
 * for use by many threads.
 */
public final class Health {
    private final Map<String, Supplier<Optional<String>>> liveness = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Optional<String>>> readiness = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Optional<String>>> notes = new ConcurrentHashMap<>();

    /** Adds a liveness check, which returns the problem or empty. */
    public void live(String part, Supplier<Optional<String>> check) {
        liveness.put(part, check);
    }

    /** Adds a readiness check, which returns the problem or empty. */
    public void ready(String part, Supplier<Optional<String>> check) {
        readiness.put(part, check);
    }

    /** Adds a note, which is shown although nothing is wrong, while it is not empty. */
    public void note(String part, Supplier<Optional<String>> note) {
        notes.put(part, note);
    }

    /** Problems of liveness by part; empty if all parts are live. */
    public Map<String, String> notLive() {
        return results(liveness);
    }

    /** Problems of readiness by part; empty if all parts are ready. */
    public Map<String, String> notReady() {
        return results(readiness);
    }

    /** Current notes by part. */
    public Map<String, String> notes() {
        return results(notes);
    }

    private static Map<String, String> results(Map<String, Supplier<Optional<String>>> checks) {
        Map<String, String> results = new TreeMap<>();
        checks.forEach((part, check) -> check.get().ifPresent(text -> results.put(part, text)));
        return results;
    }
}
