package dev.sluice.worker.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;

/**
 * Who may work at the same time: everybody together, a few that are suspected of killing workers,
 * or one alone. They take turns; whoever waits when a turn begins, or as many of them as may be
 * together, is let in. While suspects wait, everybody's turn takes newcomers for two thirds of the
 * time: it is closed to them for a second and then open for two, closed for two and then open for
 * four, and so on until all who are inside have left. A turn of a few is everybody's after half a
 * minute; one who is alone stays alone. Safe for use by many threads.
 */
final class IsolationTurns {
    /** How many suspects at most work at the same time. */
    static final int FEW = 32;

    /** Most calls end sooner. */
    private static final Duration FIRST_CLOSING = Duration.ofSeconds(1);

    /** How many times longer newcomers are let in than they were not. */
    private static final int OPEN = 2;

    private static final int LONGER = 2;

    /** How many times longer than the first closing a turn of a few lasts at most. */
    private static final int TURN_OF_A_FEW = 30;

    /** What turns a job may have. */
    enum Group {
        ALL(Integer.MAX_VALUE),
        FEW(IsolationTurns.FEW),
        ALONE(1);

        private final int limit;

        Group(int limit) {
            this.limit = limit;
        }

        private Group next() {
            return switch (this) {
                case ALL -> FEW;
                case FEW -> ALONE;
                case ALONE -> ALL;
            };
        }
    }

    private final InstantSource clock;
    private final Duration firstClosing;
    private final Map<Group, Integer> waiting = new EnumMap<>(Group.class);
    private Group turn = Group.ALL;
    private int inside;

    /** How many more may join this turn while others wait for theirs. */
    private int places = Integer.MAX_VALUE;

    /** Whether everybody's turn takes newcomers though others wait. */
    private boolean open;

    /** How long it takes none. */
    private Duration closing;

    /** When that changes. */
    private Instant change = Instant.EPOCH;

    /**
     * @param clock steady, whatever is done to the system's
     */
    IsolationTurns(InstantSource clock) {
        this(clock, FIRST_CLOSING);
    }

    IsolationTurns(InstantSource clock, Duration firstClosing) {
        this.clock = clock;
        this.firstClosing = firstClosing;
        this.closing = firstClosing;
    }

    /** Waits for a turn of this group; {@link #leave} must follow. */
    synchronized void enter(Group group) throws InterruptedException {
        if (group != turn && !othersWait()) {
            close(Math.min(places, waiting(turn)), closedAtFirst());
        }
        wait(group, 1);
        try {
            nextTurnIfOver();
            while (!mayEnter(group)) {
                if (isChangeDue()) {
                    openOrClose();
                } else {
                    wait(millisToChange());
                }
            }
            inside++;
            places--;
        } finally {
            wait(group, -1);
            nextTurnIfOver();
            if (!othersWait()) {
                notifyAll();
            }
        }
    }

    synchronized void leave() {
        inside--;
        nextTurnIfOver();
        if (turn != Group.ALL) {
            notifyAll();
        }
    }

    private boolean mayEnter(Group group) {
        return group == turn && inside < group.limit && (places > 0 || !othersWait());
    }

    private boolean othersWait() {
        return waiting.entrySet().stream()
                .anyMatch(entry -> entry.getKey() != turn && entry.getValue() > 0);
    }

    private boolean isChangeDue() {
        return opensAndCloses() && !clock.instant().isBefore(change);
    }

    /** Zero if there is no change to wait for. */
    private long millisToChange() {
        return opensAndCloses() ? Duration.between(clock.instant(), change).toMillis() + 1 : 0;
    }

    private boolean opensAndCloses() {
        return switch (turn) {
            case ALL -> othersWait();
            case FEW -> waiting(Group.ALL) > 0;
            case ALONE -> false;
        };
    }

    private Duration closedAtFirst() {
        return turn == Group.FEW ? firstClosing.multipliedBy(TURN_OF_A_FEW) : firstClosing;
    }

    private void openOrClose() {
        if (open) {
            close(0, closing.multipliedBy(LONGER));
        } else {
            if (turn != Group.ALL) {
                turn = Group.ALL;
                closing = firstClosing;
            }
            open = true;
            places = Integer.MAX_VALUE;
            change = clock.instant().plus(closing.multipliedBy(OPEN));
            notifyAll();
        }
    }

    private void close(int newPlaces, Duration time) {
        open = false;
        places = newPlaces;
        closing = time;
        change = clock.instant().plus(time);
    }

    /** A turn is over when all have left and somebody waits for another. */
    private void nextTurnIfOver() {
        if (inside > 0 || !othersWait() || (places > 0 && waiting(turn) > 0)) {
            return;
        }
        Group next = turn;
        do {
            next = next.next();
        } while (waiting(next) == 0);
        turn = next;
        close(Math.min(next.limit, waiting(next)), closedAtFirst());
        notifyAll();
    }

    private int waiting(Group group) {
        return waiting.getOrDefault(group, 0);
    }

    private void wait(Group group, int change) {
        waiting.merge(group, change, Integer::sum);
    }
}
