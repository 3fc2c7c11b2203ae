package dev.sluice.runtime.health;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What the parts of this process say of themselves. A part that is not alive needs a restart; one
 * that is not ready only needs time, or somebody to mend what it waits for.
 */
public final class Health {
    private final Map<String, Supplier<Optional<String>>> liveness = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Optional<String>>> readiness = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Optional<String>>> notes = new ConcurrentHashMap<>();

    /** Adds a check; it answers with what is wrong, or nothing. */
    public void live(String part, Supplier<Optional<String>> check) {
        liveness.put(part, check);
    }

    /** Adds a check; it answers with what is wrong, or nothing. */
    public void ready(String part, Supplier<Optional<String>> check) {
        readiness.put(part, check);
    }

    /** Adds what an operator should know though nothing is wrong, while there is something. */
    public void note(String part, Supplier<Optional<String>> note) {
        notes.put(part, note);
    }

    /** What is wrong by part; empty while all parts live. */
    public Map<String, String> notLive() {
        return said(liveness);
    }

    /** What is wrong by part; empty while all parts can work. */
    public Map<String, String> notReady() {
        return said(readiness);
    }

    /** What an operator should know by part though nothing is wrong. */
    public Map<String, String> notes() {
        return said(notes);
    }

    private static Map<String, String> said(Map<String, Supplier<Optional<String>>> checks) {
        Map<String, String> said = new TreeMap<>();
        checks.forEach((part, check) -> check.get().ifPresent(text -> said.put(part, text)));
        return said;
    }
}
