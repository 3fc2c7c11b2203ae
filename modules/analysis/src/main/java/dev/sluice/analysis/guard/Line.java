package dev.sluice.analysis.guard;

import dev.sluice.analysis.Urgency;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for the same deployment: the urgent ones first, each kind in the order in which
 * they came, and while both wait every tenth place is the others'. Only the first asks the guards:
 * so thousands can wait at the price of one, large calls are not overtaken by small ones, and calls
 * go as evenly as the quota flows in. Safe for use by many threads.
 */
final class Line {
    /** So many urgent ones go before one that is not. */
    private static final int AHEAD = 9;

    private final Object lock = new Object();
    private final Deque<Place> urgent = new ArrayDeque<>();
    private final Deque<Place> others = new ArrayDeque<>();

    /** Urgent ones that have gone while others waited, since one of these went. */
    private int ahead;

    private @Nullable Place first;

    /**
     * Joins the line; whoever joins must leave.
     *
     * @param again whether this one has been first already and has to come back: before the others
     *     of its kind
     */
    Place join(Pause pause, Urgency urgency, boolean again) {
        Place place = new Place(pause.sleep(), urgency);
        synchronized (lock) {
            if (again) {
                of(urgency).addFirst(place);
            } else {
                of(urgency).addLast(place);
            }
            first = next();
        }
        return place;
    }

    /** How many wait, the first one included. */
    int length() {
        synchronized (lock) {
            return urgent.size() + others.size();
        }
    }

    private @Nullable Place next() {
        boolean othersTurn = urgent.isEmpty() || (!others.isEmpty() && ahead >= AHEAD);
        return othersTurn ? others.peekFirst() : urgent.peekFirst();
    }

    private Deque<Place> of(Urgency urgency) {
        return switch (urgency) {
            case INTERACTIVE -> urgent;
            case BULK -> others;
        };
    }

    /** One thread's place in the line. */
    final class Place implements AutoCloseable {
        private final Pause.Sleep sleep;
        private final Urgency urgency;

        private Place(Pause.Sleep sleep, Urgency urgency) {
            this.sleep = sleep;
            this.urgency = urgency;
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

        /** Leaves the line; the next one moves up. */
        @Override
        public void close() {
            synchronized (lock) {
                of(urgency).remove(this);
                if (first != this) {
                    return;
                }
                ahead =
                        urgency == Urgency.BULK || others.isEmpty()
                                ? 0
                                : Math.min(AHEAD, ahead + 1);
                first = next();
                if (first != null) {
                    first.sleep.wake();
                }
            }
        }
    }
}
