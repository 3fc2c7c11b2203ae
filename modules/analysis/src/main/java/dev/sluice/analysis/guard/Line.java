package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Those who wait for the same deployment, in the order in which they came. Only the first asks the
 * guards: so thousands can wait at the price of one, large calls are not overtaken by small ones,
 * and calls go as evenly as the quota flows in. Safe for use by many threads.
 */
final class Line {
    private final Deque<Place> places = new ArrayDeque<>();

    /**
     * Joins the line; whoever joins must leave.
     *
     * @param again whether this one has been first already and has to come back: at the front
     */
    Place join(Pause pause, boolean again) {
        Place place = new Place(pause.sleep());
        synchronized (places) {
            if (again) {
                places.addFirst(place);
            } else {
                places.addLast(place);
            }
        }
        return place;
    }

    /** How many wait, the first one included. */
    int length() {
        synchronized (places) {
            return places.size();
        }
    }

    /** One thread's place in the line. */
    final class Place implements AutoCloseable {
        private final Pause.Sleep sleep;

        private Place(Pause.Sleep sleep) {
            this.sleep = sleep;
        }

        boolean isFirst() {
            synchronized (places) {
                return places.peekFirst() == this;
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
            synchronized (places) {
                boolean wasFirst = places.peekFirst() == this;
                places.remove(this);
                if (wasFirst && !places.isEmpty()) {
                    places.peekFirst().sleep.wake();
                }
            }
        }
    }
}
