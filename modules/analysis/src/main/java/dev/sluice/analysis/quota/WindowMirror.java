package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;

/**
 * A provider that counts in windows, each of which starts anew. It is taken to charge what it
 * estimates: within a window there is no telling before it is over.
 */
final class WindowMirror implements Mirror {
    /** Calls sent so shortly before the edge may be counted after it. */
    private static final Duration EDGE = Duration.ofMillis(10);

    /** Delays make the edge look early, so the latest seen counts; clocks drift, so slowly less. */
    private static final double DRIFT = 0.01;

    private final double capacity;
    private final Duration length;
    private Instant edge;
    private double spent;
    private double late;
    private double others;

    /**
     * @param capacity how much a window holds, of all workers
     * @param edge when one ends
     */
    WindowMirror(double capacity, Duration length, Instant edge) {
        this.capacity = capacity;
        this.length = length;
        this.edge = edge;
    }

    Duration length() {
        return length;
    }

    @Override
    public Duration wait(double units, double share, Instant now) {
        roll(now);
        double left = (capacity - others) * share - spent;
        return left >= Math.min(units, capacity * share)
                ? Duration.ZERO
                : Duration.between(now, edge);
    }

    @Override
    public Mark sent(double units, double share, Instant now) {
        roll(now);
        spent += units;
        if (edge.minus(EDGE).isBefore(now)) {
            late += units;
        }
        double left = capacity - spent / share;
        return new Mark(now, left, left);
    }

    @Override
    public void settled(double reserved, double used, Instant now) {
        // What was not used is not given back.
    }

    @Override
    public void said(Mark mark, RateLimits.Window said, Instant now) {
        roll(now);
        said.reset().ifPresent(reset -> align(mark.at().plus(reset)));
        boolean current = mark.at().isAfter(edge.minus(length));
        if (current) {
            others = Math.max(0, mark.kept() - said.remaining());
        }
    }

    @Override
    public void throttled(Instant now) {
        // Whoever paces the calls slows down; the window is what it is.
    }

    @Override
    public double refunds() {
        return 0;
    }

    private void roll(Instant now) {
        if (now.isBefore(edge)) {
            return;
        }
        long passed = Duration.between(edge, now).dividedBy(length) + 1;
        edge = edge.plus(length.multipliedBy(passed));
        spent = passed == 1 ? late : 0;
        late = 0;
        others = 0;
    }

    private void align(Instant seen) {
        double windows = (double) Duration.between(edge, seen).toNanos() / length.toNanos();
        Instant same = seen.minus(length.multipliedBy(Math.round(windows)));
        Duration later = Duration.between(edge, same);
        edge =
                later.isPositive()
                        ? edge.plus(later)
                        : edge.plusNanos((long) (DRIFT * later.toNanos()));
    }
}
