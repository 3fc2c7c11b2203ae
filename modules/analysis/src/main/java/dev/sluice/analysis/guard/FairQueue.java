package dev.sluice.analysis.guard;

import dev.sluice.analysis.concurrent.Mutex;
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
 * Queue of the jobs that wait for the same deployment, with two priorities. Each priority is first
 * in, first out. While both have waiting jobs, nine interactive tickets leave before one bulk
 * ticket. Example: with 20 interactive and 20 bulk jobs waiting, the order is 9 interactive, 1
 * bulk, 9 interactive, 1 bulk, 2 interactive, 18 bulk.
 *
 * <p>Only the first ticket asks the guards. So thousands of jobs wait at the cost of one, small
 * calls do not overtake large ones, and calls start as evenly as the quota refills. A ticket that
 * has to come back later steps aside for that time, because the jobs behind it may be able to use
 * another deployment.
 *
 * <p>Safe for use by many threads.
 */
final class FairQueue {
    /** Interactive tickets that leave before one bulk ticket. */
    private static final int MAX_INTERACTIVE_IN_A_ROW = 9;

    private static final Comparator<Ticket> IN_ORDER =
            Comparator.comparingLong(ticket -> ticket.number);

    /** Tickets due back within this time of each other step back together. */
    private static final Duration TOGETHER = Duration.ofMillis(10);

    private final InstantSource clock;
    private final Mutex mutex = new Mutex();
    private final NavigableSet<Ticket> interactive = new TreeSet<>(IN_ORDER);
    private final NavigableSet<Ticket> bulk = new TreeSet<>(IN_ORDER);

    /** Tickets that stepped aside, ordered by the time they are due back. */
    private final NavigableSet<Ticket> aside =
            new TreeSet<>(
                    Comparator.comparing((Ticket ticket) -> ticket.dueBack)
                            .thenComparing(IN_ORDER));

    private long lowest;
    private long highest;
    private int length;

    /** Interactive tickets that have left since the last bulk ticket, while bulk tickets waited. */
    private int interactiveInARow;

    private @Nullable Ticket first;

    /** An empty queue. */
    FairQueue(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Joins the queue; the ticket must be closed.
     *
     * @param again whether the job has been first before; it then joins at the head of its priority
     */
    Ticket join(Sleeper sleeper, Priority priority, boolean again) {
        try (var _ = mutex.hold()) {
            Ticket ticket = new Ticket(sleeper.sleep(), priority, again ? --lowest : ++highest);
            length++;
            ticketsOf(priority).add(ticket);
            selectFirst();
            return ticket;
        }
    }

    /** Number of waiting tickets, including the first and those that stepped aside. */
    int length() {
        try (var _ = mutex.hold()) {
            return length;
        }
    }

    private @Nullable Ticket next() {
        while (!aside.isEmpty() && aside.first().isDueBack()) {
            Ticket returning = Objects.requireNonNull(aside.pollFirst());
            ticketsOf(returning.priority).add(returning);
        }
        boolean bulkTurn =
                interactive.isEmpty()
                        || (!bulk.isEmpty() && interactiveInARow >= MAX_INTERACTIVE_IN_A_ROW);
        NavigableSet<Ticket> from = bulkTurn ? bulk : interactive;
        return from.isEmpty() ? null : from.first();
    }

    private void selectFirst() {
        Ticket before = first;
        first = next();
        if (first != null && first != before) {
            first.sleep.wake();
        }
    }

    private NavigableSet<Ticket> ticketsOf(Priority priority) {
        return switch (priority) {
            case INTERACTIVE -> interactive;
            case BULK -> bulk;
        };
    }

    /** One thread's place in the queue. */
    final class Ticket implements AutoCloseable {
        private final Sleeper.Sleep sleep;
        private final Priority priority;
        private final long number;
        private Instant dueBack = Instant.MIN;

        private Ticket(Sleeper.Sleep sleep, Priority priority, long number) {
            this.sleep = sleep;
            this.priority = priority;
            this.number = number;
        }

        boolean isFirst() {
            try (var _ = mutex.hold()) {
                return first == this;
            }
        }

        /** Returns when this is the first ticket of the queue, or at the instant. */
        void awaitTurn(InstantSource clock, Instant instant) throws InterruptedException {
            while (!isFirst() && clock.instant().isBefore(instant)) {
                sleep.until(instant);
            }
        }

        /** Whether the ticket is due back. Needs the lock. */
        private boolean isDueBack() {
            return !dueBack.isAfter(clock.instant().plus(TOGETHER));
        }

        /** Keeps its number but leaves the queue for a time, so that others can be first. */
        void stepAside(Duration time) {
            try (var _ = mutex.hold()) {
                ticketsOf(priority).remove(this);
                dueBack = clock.instant().plus(time);
                aside.add(this);
                if (first == this) {
                    selectFirst();
                }
            }
        }

        /** Rejoins the queue, ahead of all later tickets. */
        void stepBack() {
            try (var _ = mutex.hold()) {
                if (aside.remove(this)) {
                    ticketsOf(priority).add(this);
                }
                selectFirst();
            }
        }

        /** Leaves the queue; the next ticket becomes the first. */
        @Override
        public void close() {
            try (var _ = mutex.hold()) {
                ticketsOf(priority).remove(this);
                aside.remove(this);
                length--;
                if (first != this) {
                    return;
                }
                interactiveInARow =
                        priority == Priority.BULK || bulk.isEmpty()
                                ? 0
                                : Math.min(MAX_INTERACTIVE_IN_A_ROW, interactiveInARow + 1);
                selectFirst();
            }
        }
    }
}
