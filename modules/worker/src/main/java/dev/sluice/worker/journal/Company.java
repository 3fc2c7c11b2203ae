package dev.sluice.worker.journal;

import java.util.EnumMap;
import java.util.Map;

/**
 * Who may make calls at the same time: everybody together, a few that are suspected of killing
 * workers, or one alone. They take turns; whoever waits when a turn begins, or as many of them as
 * may be together, is let in. Safe for use by many threads.
 */
final class Company {
    /** How many suspects at most make calls at the same time. */
    static final int FEW = 32;

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

    private final Map<Size, Integer> waiting = new EnumMap<>(Size.class);
    private Size turn = Size.ANY;
    private int inside;

    /** How many more may join this turn while others wait for theirs. */
    private int places = Integer.MAX_VALUE;

    /** Waits for a turn of this size; {@link #leave} must follow. */
    synchronized void enter(Size size) throws InterruptedException {
        if (size != turn && !othersWait()) {
            // From now on this turn takes no newcomers.
            places = Math.min(places, waiting(turn));
        }
        wait(size, 1);
        try {
            nextTurnIfOver();
            while (!mayEnter(size)) {
                wait();
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
        places = Math.min(next.limit, waiting(next));
        notifyAll();
    }

    private int waiting(Size size) {
        return waiting.getOrDefault(size, 0);
    }

    private void wait(Size size, int change) {
        waiting.merge(size, change, Integer::sum);
    }
}
