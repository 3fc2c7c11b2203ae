package dev.sluice.analysis.guard;

import dev.sluice.analysis.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for the same deployment: the urgent ones first, each kind in the order in which
 * they came, and while both wait every tenth place is the others'. Only the first asks the guards:
 * so thousands can wait at the price of one, large calls are not overtaken by small ones, and calls
 * go as evenly as the quota flows in. Whoever is told to come back later steps aside meanwhile,
 * since those behind may have somewhere else to go. Safe for use by many threads.
 */
final class Line {
    /** So many urgent ones go before one that is not. */
    private static final int AHEAD = 9;

    private static final Comparator<Place> IN_ORDER =
            Comparator.comparingLong(place -> place.number);

    /** Those who step back within so little of each other do so together. */
    private static final Duration TOGETHER = Duration.ofMillis(10);

    private final InstantSource clock;
    private final Object lock = new Object();
    private final NavigableSet<Place> urgent = new TreeSet<>(IN_ORDER);
    private final NavigableSet<Place> others = new TreeSet<>(IN_ORDER);

    /** Who stands aside, the one who steps back next first. */
    private final NavigableSet<Place> aside =
            new TreeSet<>(
                    Comparator.comparing((Place place) -> place.back).thenComparing(IN_ORDER));

    private long lowest;
    private long highest;
    private int length;

    /** Urgent ones that have gone while others waited, since one of these went. */
    private int ahead;

    private @Nullable Place first;

    /** Nobody waits. */
    Line(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Joins the line; whoever joins must leave.
     *
     * @param again whether this one has been first already and has to come back: before the others
     *     of its kind
     */
    Place join(Pause pause, Urgency urgency, boolean again) {
        synchronized (lock) {
            Place place = new Place(pause.sleep(), urgency, again ? --lowest : ++highest);
            length++;
            of(urgency).add(place);
            moveUp();
            return place;
        }
    }

    /** How many wait, the first one and those who stand aside included. */
    int length() {
        synchronized (lock) {
            return length;
        }
    }

    private @Nullable Place next() {
        while (!aside.isEmpty() && aside.first().isBack()) {
            Place back = Objects.requireNonNull(aside.pollFirst());
            of(back.urgency).add(back);
        }
        boolean othersTurn = urgent.isEmpty() || (!others.isEmpty() && ahead >= AHEAD);
        NavigableSet<Place> from = othersTurn ? others : urgent;
        return from.isEmpty() ? null : from.first();
    }

    private void moveUp() {
        Place before = first;
        first = next();
        if (first != null && first != before) {
            first.sleep.wake();
        }
    }

    private NavigableSet<Place> of(Urgency urgency) {
        return switch (urgency) {
            case INTERACTIVE -> urgent;
            case BULK -> others;
        };
    }

    /** One thread's place in the line. */
    final class Place implements AutoCloseable {
        private final Pause.Sleep sleep;
        private final Urgency urgency;
        private final long number;
        private Instant back = Instant.MIN;

        private Place(Pause.Sleep sleep, Urgency urgency, long number) {
            this.sleep = sleep;
            this.urgency = urgency;
            this.number = number;
        }

        boolean isFirst() {
            synchronized (lock) {
                return first == this;
            }
        }

        /** Returns when this is the first in the line, or at the instant. */
        void awaitTurn(InstantSource clock, Instant instant) throws InterruptedException {
            while (!isFirst() && clock.instant().isBefore(instant)) {
                sleep.until(instant);
            }
        }

        /** Under the lock. */
        private boolean isBack() {
            return !back.isAfter(clock.instant().plus(TOGETHER));
        }

        /** Keeps its place and is in nobody's way for a while. */
        void stepAside(Duration time) {
            synchronized (lock) {
                of(urgency).remove(this);
                back = clock.instant().plus(time);
                aside.add(this);
                if (first == this) {
                    moveUp();
                }
            }
        }

        /** Is before all again who came later. */
        void stepBack() {
            synchronized (lock) {
                if (aside.remove(this)) {
                    of(urgency).add(this);
                }
                moveUp();
            }
        }

        /** Leaves the line; the next one moves up. */
        @Override
        public void close() {
            synchronized (lock) {
                of(urgency).remove(this);
                aside.remove(this);
                length--;
                if (first != this) {
                    return;
                }
                ahead =
                        urgency == Urgency.BULK || others.isEmpty()
                                ? 0
                                : Math.min(AHEAD, ahead + 1);
                moveUp();
            }
        }
    }
}
