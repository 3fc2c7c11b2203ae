package dev.sluice.junit;

import java.util.Arrays;
import java.util.Locale;

/** Who answers the calls of tests. */
enum EvalMode {
    /** Recordings: no network, no cost. */
    REPLAY,
    /** The provider, which costs money, and the answers are recorded. */
    RECORD,
    /** The provider, which costs money. */
    LIVE;

    /** System property that names the mode. */
    static final String PROPERTY = "sluice.evals";

    /**
     * The mode of this JVM: {@link #REPLAY} if the property is not set.
     *
     * @throws IllegalArgumentException if it names no mode
     */
    static EvalMode ofThisJvm() {
        String name = System.getProperty(PROPERTY, REPLAY.name());
        return Arrays.stream(values())
                .filter(mode -> mode.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "-D"
                                        + PROPERTY
                                        + " must be one of "
                                        + Arrays.toString(values()).toLowerCase(Locale.ROOT)
                                        + ", was "
                                        + name));
    }
}
