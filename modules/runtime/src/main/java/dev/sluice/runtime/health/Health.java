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

    /** Adds a check; it answers with what is wrong, or nothing. */
    public void live(String part, Supplier<Optional<String>> check) {
        liveness.put(part, check);
    }

    /** Adds a check; it answers with what is wrong, or nothing. */
    public void ready(String part, Supplier<Optional<String>> check) {
        readiness.put(part, check);
    }

    /** What is wrong by part; empty while all parts live. */
    public Map<String, String> notLive() {
        return problems(liveness);
    }

    /** What is wrong by part; empty while all parts can work. */
    public Map<String, String> notReady() {
        return problems(readiness);
    }

    private static Map<String, String> problems(Map<String, Supplier<Optional<String>>> checks) {
        Map<String, String> problems = new TreeMap<>();
        checks.forEach(
                (part, check) -> check.get().ifPresent(problem -> problems.put(part, problem)));
        return problems;
    }
}
