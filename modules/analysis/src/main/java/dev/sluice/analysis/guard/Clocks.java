package dev.sluice.analysis.guard;

import java.time.InstantSource;

/**
 * The two clocks of the guards.
 *
 * @param wall the wall clock, for deadlines and start times of calls; it may be set
 * @param steady a monotonic clock, for waits; it cannot be set
 */
public record Clocks(InstantSource wall, InstantSource steady) {
    /** The system's clocks. */
    public static Clocks system() {
        return new Clocks(InstantSource.system(), new SteadyClock());
    }

    /** One clock for both purposes; it must not be set. */
    public static Clocks both(InstantSource clock) {
        return new Clocks(clock, clock);
    }
}
