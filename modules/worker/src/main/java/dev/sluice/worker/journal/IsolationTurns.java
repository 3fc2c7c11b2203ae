package dev.sluice.worker.journal;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/**
 * Isolation turns: the groups of jobs take turns, so that suspects (see {@link JobHistory}) do not
 * run beside normal jobs. Jobs of {@link Group#ALL} run together, at most {@value #FEW} suspects of
 * {@link Group#FEW} run together, and a job of {@link Group#ALONE} runs alone. A turn begins with
 * the jobs that wait for it, up to the group's limit, and ends when all of its jobs have left.
 *
 * <p>While suspects wait, the turn of {@code ALL} admits new jobs for two thirds of the time: it is
 * closed for one second and then open for two, closed for two and open for four, and so on, until
 * all its jobs have left. The turn of {@code FEW} passes to {@code ALL} after half a minute if jobs
 * of {@code ALL} wait. The turn of {@code ALONE} has no time limit.
 *
 * <p>Thread-safe.
 */
final class IsolationTurns {
    /** Most suspects that work at the same time. */
    static final int FEW = 32;

    /** How long the turn of {@code ALL} is closed the first time. Most calls take less. */
    private static final Duration FIRST_CLOSING = Duration.ofSeconds(1);

    /** An open phase is this many times as long as the closed phase before it. */
    private static final int OPEN_RATIO = 2;

    private static final int GROWTH = 2;

    /** The turn of {@code FEW} lasts at most this many times the first closed phase. */
    private static final int LONGEST_TURN_OF_FEW = 30;

    /** The groups of jobs that share a turn. */
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

    private final Mutex mutex = new Mutex();
    private final Condition turnChanged = mutex.condition();
    private final InstantSource clock;
    private final Duration firstClosing;
    private final Map<Group, Integer> waiting = new EnumMap<>(Group.class);
    private Group turn = Group.ALL;
    private int inside;

    /** How many more jobs may join this turn while other groups wait. */
    private int places = Integer.MAX_VALUE;

    /** Whether the current turn admits new jobs although other groups wait. */
    private boolean open;

    /** Length of the current or last closed phase. */
    private Duration closing;

    /** End of the current open or closed phase. */
    private Instant change = Instant.EPOCH;

    /**
     * @param clock monotonic: not affected by changes of the system clock
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
    void enter(Group group) throws InterruptedException {
        try (var _ = mutex.hold()) {
            if (group != turn && !othersWait()) {
                close(Math.min(places, waiting(turn)), closedAtFirst());
            }
            wait(group, 1);
            try {
                nextTurnIfOver();
                while (!mayEnter(group)) {
                    if (isChangeDue()) {
                        openOrClose();
                    } else if (opensAndCloses()) {
                        boolean _ = turnChanged.await(millisToChange(), TimeUnit.MILLISECONDS);
                    } else {
                        turnChanged.await();
                    }
                }
                inside++;
                places--;
            } finally {
                wait(group, -1);
                nextTurnIfOver();
                if (!othersWait()) {
                    turnChanged.signalAll();
                }
            }
        }
    }

    void leave() {
        try (var _ = mutex.hold()) {
            inside--;
            nextTurnIfOver();
            if (turn != Group.ALL) {
                turnChanged.signalAll();
            }
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

    private long millisToChange() {
        return Duration.between(clock.instant(), change).toMillis() + 1;
    }

    private boolean opensAndCloses() {
        return switch (turn) {
            case ALL -> othersWait();
            case FEW -> waiting(Group.ALL) > 0;
            case ALONE -> false;
        };
    }

    private Duration closedAtFirst() {
        return turn == Group.FEW ? firstClosing.multipliedBy(LONGEST_TURN_OF_FEW) : firstClosing;
    }

    private void openOrClose() {
        if (open) {
            close(0, closing.multipliedBy(GROWTH));
        } else {
            if (turn != Group.ALL) {
                turn = Group.ALL;
                closing = firstClosing;
            }
            open = true;
            places = Integer.MAX_VALUE;
            change = clock.instant().plus(closing.multipliedBy(OPEN_RATIO));
            turnChanged.signalAll();
        }
    }

    private void close(int newPlaces, Duration time) {
        open = false;
        places = newPlaces;
        closing = time;
        change = clock.instant().plus(time);
    }

    /** Begins the next turn if all jobs of the current one have left and another group waits. */
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
        turnChanged.signalAll();
    }

    private int waiting(Group group) {
        return waiting.getOrDefault(group, 0);
    }

    private void wait(Group group, int change) {
        waiting.merge(group, change, Integer::sum);
    }
}
