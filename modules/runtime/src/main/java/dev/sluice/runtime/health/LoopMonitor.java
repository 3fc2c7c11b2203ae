package dev.sluice.runtime.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A liveness check of a loop: it fails if the loop stands still for too long. A loop may stand
 * still while it waits for something outside of the process, because a restart does not help then.
 * Safe for use by many threads.
 */
public final class LoopMonitor {
    private final Duration limit;
    private final Supplier<Instant> lastTurn;
    private final BooleanSupplier mayWait;
    private final InstantSource clock;

    /** When the loop was last known to have a reason to stand still. */
    private volatile Instant excused;

    /**
     * @param limit how long the loop may stand still
     * @param lastTurn when the loop last began a round
     * @param mayWait whether the loop may stand still now
     * @param clock the clock of {@code lastTurn}; not affected by changes of the system clock
     */
    public LoopMonitor(
            Duration limit,
            Supplier<Instant> lastTurn,
            BooleanSupplier mayWait,
            InstantSource clock) {
        this.limit = limit;
        this.lastTurn = lastTurn;
        this.mayWait = mayWait;
        this.clock = clock;
        this.excused = clock.instant();
    }

    /** The problem, if the loop hangs. Must be called more often than the limit. */
    public Optional<String> problem() {
        Instant now = clock.instant();
        if (mayWait.getAsBoolean()) {
            excused = now;
        }
        Instant turn = lastTurn.get();
        Duration still = Duration.between(turn.isAfter(excused) ? turn : excused, now);
        return still.compareTo(limit) > 0
                ? Optional.of("its loop has stood still for " + still.toSeconds() + " s")
                : Optional.empty();
    }
}
