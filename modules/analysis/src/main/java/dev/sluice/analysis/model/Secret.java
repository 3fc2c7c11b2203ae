package dev.sluice.analysis.model;

/** Secret text; logs and messages show asterisks instead. */
public record Secret(String value) {
    @Override
    public String toString() {
        return "********";
    }
}
