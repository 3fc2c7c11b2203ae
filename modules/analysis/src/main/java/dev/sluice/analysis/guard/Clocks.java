package dev.sluice.analysis.guard;

import java.time.InstantSource;

/**
 * The two clocks of the guards.
 *
 * @param wall tells when deadlines have passed and when calls were made; somebody may set it
 * @param steady measures waits; nobody can set it
 */
public record Clocks(InstantSource wall, InstantSource steady) {
    /** The system's. */
    public static Clocks system() {
        return new Clocks(InstantSource.system(), new SteadyClock());
    }

    /** One clock for both, where nobody sets it. */
    public static Clocks both(InstantSource clock) {
        return new Clocks(clock, clock);
    }
}
