package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;

/**
 * A provider that counts in windows, each of which starts anew. It is taken to charge what it
 * estimates: within a window there is no telling before it is over.
 */
final class WindowTracker implements LimitTracker {
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
    WindowTracker(double capacity, Duration length, double share, Instant edge, Instant now) {
        this.capacity = capacity;
        this.length = length;
        this.share = share;
        this.edge = within(edge, now);
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
        double needed = Math.min(units, capacity * share);
        long passed = passed(now);
        Instant next = edge.plus(length.multipliedBy(passed));
        double left = (shared - others) * share - spent;
        double after = capacity * share - late;
        if (passed > 0) {
            left = passed == 1 ? after : capacity * share;
            after = capacity * share;
        }
        if (left >= needed) {
            return Duration.ZERO;
        }
        Duration wait = Duration.between(now, next);
        return after >= needed ? wait : wait.plus(length);
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
    public void unsent(Mark mark, double units, Instant now) {
        roll(now);
        boolean isOfThisShare = mark.at().isAfter(sharedAt);
        if (isOfThisShare && !mark.at().isBefore(edge.minus(length).minus(EDGE))) {
            spent = Math.max(0, spent - units);
            boolean isLate = edge.minus(EDGE).isBefore(mark.at());
            late = isLate ? Math.max(0, late - units) : late;
        }
    }

    @Override
    public void settled(double reserved, double used, Instant now) {
        // What was not used is not given back.
    }

    @Override
    public void said(Mark mark, RateLimits.Window said, Instant now) {
        roll(now);
        said.reset().ifPresent(reset -> align(mark.at().plus(reset), now));
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
        long passed = passed(now);
        edge = edge.plus(length.multipliedBy(passed));
        if (passed == 0) {
            return;
        }
        shared = capacity;
        spent = passed == 1 ? late : 0;
        late = 0;
        others = 0;
    }

    /** How many windows have ended since the one whose edge is known. */
    private long passed(Instant now) {
        return now.isBefore(edge) ? 0 : Duration.between(edge, now).dividedBy(length) + 1;
    }

    /** No edge is further away than a window is long; a clock that is wrong makes it look so. */
    private Instant within(Instant far, Instant now) {
        Duration away = Duration.between(now, far);
        return away.compareTo(length) <= 0
                ? far
                : far.minus(length.multipliedBy(away.minusNanos(1).dividedBy(length)));
    }

    private void align(Instant seen, Instant now) {
        double windows = (double) Duration.between(edge, seen).toNanos() / length.toNanos();
        Instant same = seen.minus(length.multipliedBy(Math.round(windows)));
        Duration later = Duration.between(edge, same);
        Instant moved =
                later.isPositive()
                        ? edge.plus(later)
                        : edge.plusNanos((long) (DRIFT * later.toNanos()));
        edge = within(moved, now);
    }
}
