package dev.sluice.simulator;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A way in which a call can go wrong. */
public enum Fault {
    /** 429 with Retry-After; not charged. */
    THROTTLED,
    /** 500; not charged. */
    ERROR,
    /** The answer is cut off in the middle of its JSON, though the model says it stopped. */
    MALFORMED,
    /** The JSON is right but stands in a code fence with a sentence around it. */
    FENCED,
    /** The JSON is well-formed and a field is outside its bounds. */
    OUT_OF_RANGE,
    /** The model declines. */
    REFUSAL,
    /** The model runs into its output limit. */
    LENGTH;

    /** The name used on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Fault> labelled(String label) {
        return Arrays.stream(values()).filter(fault -> fault.label().equals(label)).findFirst();
    }

    static String labels() {
        return Arrays.stream(values()).map(Fault::label).collect(Collectors.joining(", "));
    }
}
