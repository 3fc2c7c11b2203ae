package dev.sluice.analysis.model;

/** A text that is never shown: logs and messages get asterisks. */
public record Secret(String value) {
    @Override
    public String toString() {
        return "********";
    }
}
