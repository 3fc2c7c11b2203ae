package dev.sluice.admission.canary;

import java.util.Arrays;

/** What is known about a canary. A trial only moves to a later state. */
public enum TrialState {
    /** Neither version is known to fail more often. */
    RUNNING(0),
    /** The canary fails less often. It still gets its share. */
    BETTER(1),
    /** The canary fails more often. All requests get the current version. */
    STOPPED(2);

    private final byte stored;

    TrialState(int stored) {
        this.stored = (byte) stored;
    }

    /** The state's number in stored and published counts. */
    byte stored() {
        return stored;
    }

    /**
     * Reads a stored state.
     *
     * @throws IllegalArgumentException if no state has this number
     */
    static TrialState of(byte stored) {
        return Arrays.stream(values())
                .filter(state -> state.stored == stored)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no state of a trial: " + stored));
    }
}
