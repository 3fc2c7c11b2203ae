package dev.sluice.admission.outage;

import java.util.stream.Stream;

/** Where a record that admission reads comes from. What waits is worked on in the keys' order. */
public enum Origin {
    /** From upstream. */
    REQUESTS((byte) 1),
    /** From the task that read it upstream to the one that keeps its user's books. */
    REPARTITIONED((byte) 2),
    /** From the workers. */
    SETTLEMENTS((byte) 3),
    /** From whoever decides on budgets. */
    BUDGETS((byte) 0);

    private final byte inKeys;

    Origin(byte inKeys) {
        this.inKeys = inKeys;
    }

    /** What stands for it in stored keys. */
    public byte inKeys() {
        return inKeys;
    }

    public static Origin of(byte inKeys) {
        return Stream.of(values())
                .filter(origin -> origin.inKeys == inKeys)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                "the state store was written by a newer version of"
                                        + " admission: update it"));
    }
}
