package dev.sluice.simulator;

/** Why a server rejects a call, apart from faults. */
enum Trouble {
    BAD_KEY,
    BAD_REQUEST,
    UNKNOWN_MODEL,
    THROTTLED,
    FAILED
}
