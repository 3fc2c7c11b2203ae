package dev.sluice.analysis.guard;

import dev.sluice.analysis.task.Priority;
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
 * they came, and while both wait every tenth ticket is the others'. Only the first asks the guards:
 * so thousands can wait at the price of one, large calls are not overtaken by small ones, and calls
 * go as evenly as the quota flows in. Whoever is told to come back later steps aside meanwhile,
 * since those behind may have somewhere else to go. Safe for use by many threads.
 */
final class FairQueue {
    /** So many urgent ones go before one that is not. */
    private static final int AHEAD = 9;

    private static final Comparator<Ticket> IN_ORDER =
            Comparator.comparingLong(ticket -> ticket.number);

    /** Those who step back within so little of each other do so together. */
    private static final Duration TOGETHER = Duration.ofMillis(10);

    private final InstantSource clock;
    private final Object lock = new Object();
    private final NavigableSet<Ticket> urgent = new TreeSet<>(IN_ORDER);
    private final NavigableSet<Ticket> others = new TreeSet<>(IN_ORDER);

    /** Who stands aside, the one who steps back next first. */
    private final NavigableSet<Ticket> aside =
            new TreeSet<>(
                    Comparator.comparing((Ticket ticket) -> ticket.back).thenComparing(IN_ORDER));

    private long lowest;
    private long highest;
    private int length;

    /** Urgent ones that have gone while others waited, since one of these went. */
    private int ahead;

    private @Nullable Ticket first;

    /** Nobody waits. */
    FairQueue(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Joins the line; whoever joins must leave.
     *
     * @param again whether this one has been first already and has to come back: before the others
     *     of its kind
     */
    Ticket join(Sleeper sleeper, Priority priority, boolean again) {
        synchronized (lock) {
            Ticket ticket = new Ticket(sleeper.sleep(), priority, again ? --lowest : ++highest);
            length++;
            of(priority).add(ticket);
            moveUp();
            return ticket;
        }
    }

    /** How many wait, the first one and those who stand aside included. */
    int length() {
        synchronized (lock) {
            return length;
        }
    }

    private @Nullable Ticket next() {
        while (!aside.isEmpty() && aside.first().isBack()) {
            Ticket back = Objects.requireNonNull(aside.pollFirst());
            of(back.priority).add(back);
        }
        boolean othersTurn = urgent.isEmpty() || (!others.isEmpty() && ahead >= AHEAD);
        NavigableSet<Ticket> from = othersTurn ? others : urgent;
        return from.isEmpty() ? null : from.first();
    }

    private void moveUp() {
        Ticket before = first;
        first = next();
        if (first != null && first != before) {
            first.sleep.wake();
        }
    }

    private NavigableSet<Ticket> of(Priority priority) {
        return switch (priority) {
            case INTERACTIVE -> urgent;
            case BULK -> others;
        };
    }

    /** One thread's ticket in the line. */
    final class Ticket implements AutoCloseable {
        private final Sleeper.Sleep sleep;
        private final Priority priority;
        private final long number;
        private Instant back = Instant.MIN;

        private Ticket(Sleeper.Sleep sleep, Priority priority, long number) {
            this.sleep = sleep;
            this.priority = priority;
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

        /** Keeps its ticket and is in nobody's way for a while. */
        void stepAside(Duration time) {
            synchronized (lock) {
                of(priority).remove(this);
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
                    of(priority).add(this);
                }
                moveUp();
            }
        }

        /** Leaves the line; the next one moves up. */
        @Override
        public void close() {
            synchronized (lock) {
                of(priority).remove(this);
                aside.remove(this);
                length--;
                if (first != this) {
                    return;
                }
                ahead =
                        priority == Priority.BULK || others.isEmpty()
                                ? 0
                                : Math.min(AHEAD, ahead + 1);
                moveUp();
            }
        }
    }
}
