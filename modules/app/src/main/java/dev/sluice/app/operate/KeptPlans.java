package dev.sluice.app.operate;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;

/**
 * Plans that wait for being carried out: those of the last minutes, as long as they are not too
 * large together. Not for use by several threads.
 */
final class KeptPlans<T> {
    static final Duration LIFE = Duration.ofMinutes(10);

    private final long most;
    private final InstantSource clock;

    /** The oldest first. */
    private final Deque<Kept<T>> plans = new ArrayDeque<>();

    private record Kept<T>(String id, T plan, long size, Instant madeAt) {}

    /**
     * @param most largest size of the kept plans together
     */
    KeptPlans(long most, InstantSource clock) {
        this.most = most;
        this.clock = clock;
    }

    /**
     * Keeps a plan; older ones go if they are too large together.
     *
     * @return its id
     */
    String add(T plan, long size) {
        String id = UUID.randomUUID().toString();
        plans.addLast(new Kept<>(id, plan, size, clock.instant()));
        while (plans.size() > 1 && plans.stream().mapToLong(Kept::size).sum() > most) {
            plans.removeFirst();
        }
        return id;
    }

    /** The plan of an id; empty if it is gone. */
    Optional<T> find(String id) {
        dropOld();
        return plans.stream().filter(kept -> kept.id().equals(id)).map(Kept::plan).findFirst();
    }

    /** Drops the plans that are older than their life. */
    void dropOld() {
        Instant oldest = clock.instant().minus(LIFE);
        plans.removeIf(kept -> kept.madeAt().isBefore(oldest));
    }

    void remove(String id) {
        plans.removeIf(kept -> kept.id().equals(id));
    }
}
