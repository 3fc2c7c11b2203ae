package dev.sluice.admission.outage;

import java.util.stream.Stream;

/**
 * The topic that a record comes from. Waiting records are processed in the order of the stored
 * numbers.
 */
public enum Origin {
    /** The requests topic, written by upstream systems. */
    REQUESTS((byte) 1),
    /** The repartitioned requests, forwarded to the owner partition of their user. */
    REPARTITIONED((byte) 2),
    /** The settlements, written by the workers. */
    SETTLEMENTS((byte) 3),
    /** The budget changes. */
    BUDGETS((byte) 0);

    private final byte inKeys;

    Origin(byte inKeys) {
        this.inKeys = inKeys;
    }

    /** The number in stored keys. */
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
