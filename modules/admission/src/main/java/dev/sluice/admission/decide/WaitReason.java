package dev.sluice.admission.decide;

/** Why a request waits in admission. The name is the tag {@code reason} of its metrics. */
public enum WaitReason {
    /** Running jobs have reserved the money; it is free once they cost less than their cap. */
    RESERVATIONS(0),

    /** The budget of the day is used up. */
    BUDGET(1),

    /** The user has sent too many requests within an hour. */
    RATE(2),

    /** An identical request is a job, and its outcome is shared. */
    OUTCOME(3);

    private final byte inKeys;

    WaitReason(int inKeys) {
        this.inKeys = (byte) inKeys;
    }

    /** The reason in store keys. */
    byte inKeys() {
        return inKeys;
    }

    static WaitReason of(byte inKeys) {
        return switch (inKeys) {
            case 0 -> RESERVATIONS;
            case 1 -> BUDGET;
            case 2 -> RATE;
            case 3 -> OUTCOME;
            default -> throw new IllegalStateException("no reason in store keys: " + inKeys);
        };
    }
}
