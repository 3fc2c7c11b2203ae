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

    /** A window is at least so many times as long as what may be saved up. */
    private static final int BURSTS = 20;

    private final double capacity;
    private final Duration length;
    private double share;
    private Instant edge;

    /** What this worker's share is of: what a window holds, or the rest of it since it changed. */
    private double shared;

    private Instant sharedAt = Instant.MIN;
    private double spent;
    private double late;
    private double others;

    /**
     * @param capacity how much a window holds, of all workers
     * @param share this worker's
     * @param edge when one ends
     */
    WindowMirror(double capacity, Duration length, double share, Instant edge) {
        this.capacity = capacity;
        this.length = length;
        this.share = share;
        this.edge = edge;
        this.shared = capacity;
    }

    /** A small part of a window: where one goes ahead others take it for strangers. */
    @Override
    public Duration burst() {
        Duration part = length.dividedBy(BURSTS);
        return part.compareTo(BURST) < 0 ? part : BURST;
    }

    Duration length() {
        return length;
    }

    /**
     * What is shared anew is the rest of the window: no more than is left if the others are where
     * this worker is, or as far ahead of the time as they can be, and no more than the time left.
     */
    @Override
    public void share(double newShare, Instant now) {
        if (newShare == share) {
            return;
        }
        roll(now);
        double rest = capacity * Duration.between(now, edge).toNanos() / length.toNanos();
        double most = Math.max(0, shared - rest) + capacity / BURSTS + spent;
        double gone = share == 0 ? 0 : Math.min(spent / share, most);
        shared = Math.max(0, Math.min(rest, shared - others - gone));
        sharedAt = now;
        spent = 0;
        others = 0;
        share = newShare;
    }

    @Override
    public Duration wait(double units, Instant now) {
        roll(now);
        double left = (shared - others) * share - spent;
        return left >= Math.min(units, capacity * share)
                ? Duration.ZERO
                : Duration.between(now, edge);
    }

    @Override
    public Mark sent(double units, Instant now) {
        roll(now);
        spent += units;
        if (edge.minus(EDGE).isBefore(now)) {
            late += units;
        }
        double left = shared - spent / share;
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
        boolean current = mark.at().isAfter(edge.minus(length)) && mark.at().isAfter(sharedAt);
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
        shared = capacity;
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
