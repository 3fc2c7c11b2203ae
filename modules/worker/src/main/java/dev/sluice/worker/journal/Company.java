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
final class Company {
    /** How many suspects at most work at the same time. */
    static final int FEW = 32;

    /** Most calls end sooner. */
    private static final Duration FIRST_CLOSING = Duration.ofSeconds(1);

    /** How many times longer newcomers are let in than they were not. */
    private static final int OPEN = 2;

    private static final int LONGER = 2;

    /** How many times longer than the first closing a turn of a few lasts at most. */
    private static final int TURN_OF_A_FEW = 30;

    /** What company a job may have. */
    enum Size {
        ANY(Integer.MAX_VALUE),
        FEW(Company.FEW),
        NONE(1);

        private final int limit;

        Size(int limit) {
            this.limit = limit;
        }

        private Size next() {
            return switch (this) {
                case ANY -> FEW;
                case FEW -> NONE;
                case NONE -> ANY;
            };
        }
    }

    private final InstantSource clock;
    private final Duration firstClosing;
    private final Map<Size, Integer> waiting = new EnumMap<>(Size.class);
    private Size turn = Size.ANY;
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
    Company(InstantSource clock) {
        this(clock, FIRST_CLOSING);
    }

    Company(InstantSource clock, Duration firstClosing) {
        this.clock = clock;
        this.firstClosing = firstClosing;
        this.closing = firstClosing;
    }

    /** Waits for a turn of this size; {@link #leave} must follow. */
    synchronized void enter(Size size) throws InterruptedException {
        if (size != turn && !othersWait()) {
            close(Math.min(places, waiting(turn)), closedAtFirst());
        }
        wait(size, 1);
        try {
            nextTurnIfOver();
            while (!mayEnter(size)) {
                if (isChangeDue()) {
                    openOrClose();
                } else {
                    wait(millisToChange());
                }
            }
            inside++;
            places--;
        } finally {
            wait(size, -1);
            nextTurnIfOver();
            if (!othersWait()) {
                notifyAll();
            }
        }
    }

    synchronized void leave() {
        inside--;
        nextTurnIfOver();
        if (turn != Size.ANY) {
            notifyAll();
        }
    }

    private boolean mayEnter(Size size) {
        return size == turn && inside < size.limit && (places > 0 || !othersWait());
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
            case ANY -> othersWait();
            case FEW -> waiting(Size.ANY) > 0;
            case NONE -> false;
        };
    }

    private Duration closedAtFirst() {
        return turn == Size.FEW ? firstClosing.multipliedBy(TURN_OF_A_FEW) : firstClosing;
    }

    private void openOrClose() {
        if (open) {
            close(0, closing.multipliedBy(LONGER));
        } else {
            if (turn != Size.ANY) {
                turn = Size.ANY;
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
        Size next = turn;
        do {
            next = next.next();
        } while (waiting(next) == 0);
        turn = next;
        close(Math.min(next.limit, waiting(next)), closedAtFirst());
        notifyAll();
    }

    private int waiting(Size size) {
        return waiting.getOrDefault(size, 0);
    }

    private void wait(Size size, int change) {
        waiting.merge(size, change, Integer::sum);
    }
}
