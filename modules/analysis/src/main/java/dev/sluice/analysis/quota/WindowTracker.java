package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;

/**
 * Model of a provider that counts in fixed windows, each with the full limit. It assumes that the
 * provider charges reservations: whether it refunds unused units cannot be seen within a window.
 *
 * <p>{@code left = (capacity - usedByOthers) * share - spent}, where {@code usedByOthers} are the
 * units used by other workers and programs beyond their shares. A call that does not fit waits for
 * the end of the window, the edge. Calls sent in the last 10 ms before the edge are counted in both
 * windows. An edge that is seen later moves the known edge at once; one that is seen earlier moves
 * it by 1 % of the difference. Example: with windows of one minute and 10,000 tokens, a share of
 * 0.5 and 4,900 tokens spent, 100 tokens are left. 12 s before the edge a call of 60 tokens may be
 * sent, and one of 200 tokens waits 12 s.
 *
 * <p>Units are requests or tokens. Not safe for use by several threads.
 */
final class WindowTracker implements LimitTracker {
    /** Time before the edge in which a sent call may be counted after the edge. */
    private static final Duration EDGE = Duration.ofMillis(10);

    /**
     * Weight of an edge seen earlier than the known one. Delays make the edge look early, so the
     * latest seen counts; clocks drift, so an earlier one counts a little.
     */
    private static final double DRIFT = 0.01;

    /** A window is at least this many times as long as the burst. */
    private static final int BURSTS = 20;

    private final double capacity;
    private final Duration length;
    private double share;
    private Instant edge;

    /**
     * Units that the share is a part of: the capacity, or the rest of the window since the share
     * changed.
     */
    private double shared;

    private Instant sharedAt = Instant.MIN;
    private double spent;
    private double spentNearEdge;
    private double usedByOthers;

    /**
     * @param capacity units in a window, of all workers together
     * @param share this worker's part of the limit, from 0 to 1
     * @param edge an instant at which a window ends
     */
    WindowTracker(double capacity, Duration length, double share, Instant edge, Instant now) {
        this.capacity = capacity;
        this.length = length;
        this.share = share;
        this.edge = within(edge, now);
        this.shared = capacity;
    }

    /**
     * At most a twentieth of a window: other workers count the calls of a worker that runs ahead as
     * calls of other programs.
     */
    @Override
    public Duration burst() {
        Duration part = length.dividedBy(BURSTS);
        return part.compareTo(BURST) < 0 ? part : BURST;
    }

    Duration length() {
        return length;
    }

    /**
     * Sets the share of the rest of the window. The rest is at most what is left if the other
     * workers have used as much of their shares as this one, or are as far ahead as they can be,
     * and at most the limit for the remaining time.
     */
    @Override
    public void share(double newShare, Instant now) {
        if (newShare == share) {
            return;
        }
        roll(now);
        double rest = capacity * Duration.between(now, edge).toNanos() / length.toNanos();
        double mostUsed = Math.max(0, shared - rest) + capacity / BURSTS + spent;
        double usedByAll = share == 0 ? 0 : Math.min(spent / share, mostUsed);
        shared = Math.max(0, Math.min(rest, shared - usedByOthers - usedByAll));
        sharedAt = now;
        spent = 0;
        usedByOthers = 0;
        share = newShare;
    }

    @Override
    public Duration wait(double units, Instant now) {
        double needed = Math.min(units, capacity * share);
        long passed = passed(now);
        Instant next = edge.plus(length.multipliedBy(passed));
        double left = (shared - usedByOthers) * share - spent;
        double after = capacity * share - spentNearEdge;
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
            spentNearEdge += units;
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
            spentNearEdge = isLate ? Math.max(0, spentNearEdge - units) : spentNearEdge;
        }
    }

    @Override
    public void settled(double reserved, double used, Instant now) {
        // Unused units are not refunded.
    }

    @Override
    public void reported(Mark mark, RateLimits.Window reported, Instant now) {
        roll(now);
        reported.reset().ifPresent(reset -> align(mark.at().plus(reset), now));
        boolean current = mark.at().isAfter(edge.minus(length)) && mark.at().isAfter(sharedAt);
        if (current) {
            usedByOthers = Math.max(0, mark.kept() - reported.remaining());
        }
    }

    @Override
    public void throttled(Instant now) {
        // Throttle slows the pace; the window does not change.
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
        spent = passed == 1 ? spentNearEdge : 0;
        spentNearEdge = 0;
        usedByOthers = 0;
    }

    /** Number of windows that have ended since the known edge. */
    private long passed(Instant now) {
        return now.isBefore(edge) ? 0 : Duration.between(edge, now).dividedBy(length) + 1;
    }

    /** The same edge, at most one window ahead. Only a wrong clock reports it further away. */
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
