package dev.sluice.bench.measure;

import java.util.Arrays;

/** A figure of several runs: its median, and its least and largest value. */
public final class Spread {
    private final double[] sorted;

    private Spread(double[] sorted) {
        this.sorted = sorted;
    }

    /** The figures of the runs, at least one. */
    public static Spread of(double... figures) {
        if (figures.length == 0) {
            throw new IllegalArgumentException("there is no run");
        }
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return new Spread(sorted);
    }

    /** The median; of two in the middle, their mean. */
    public double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The figure as text: the median, and the least and the largest value in brackets. */
    public String text(String format) {
        String median = String.format(format, median());
        return sorted.length == 1
                ? median
                : median
                        + " ("
                        + String.format(format, sorted[0])
                        + "–"
                        + String.format(format, sorted[sorted.length - 1])
                        + ")";
    }
}
