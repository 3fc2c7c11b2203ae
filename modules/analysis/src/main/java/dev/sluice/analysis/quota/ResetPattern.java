package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells from what a provider says how it counts: in a bucket that fills up steadily, or in windows
 * after each of which it starts anew. A bucket is full again after the time that what is missing
 * takes to flow in; a window ends when it ends, however much is left. Not safe for use by several
 * threads.
 */
final class ResetPattern {
    private static final int VOTES = 8;
    private static final double MEMORY = 0.9999;

    /** Halfway through a window the two look alike. */
    private static final double FOR_WINDOW = 0.2;

    private static final double TOLERANCE = 0.2;
    private static final double TOLERANCE_NANOS = 100e6;

    /** Windows last whole seconds; shorter differences are delays of the network. */
    private static final Duration SHORTEST_WINDOW = Duration.ofMillis(500);

    /** After some hundred answers a reset that was told once is forgotten. */
    private static final double FADE = 0.99;

    /** No edge is further away than so many of the resets that are told now. */
    private static final double FURTHEST = 3;

    private double forBucket;
    private double forWindow;
    private double longestReset;
    private Instant lastEdge = Instant.MIN;
    private Duration length = Duration.ZERO;

    /** How a provider counts. */
    enum Kind {
        BUCKET,
        WINDOW
    }

    /**
     * Takes in what was said.
     *
     * @param sent when the call was sent that it came with
     * @param perNano the rate of the limit
     */
    void observe(Instant sent, RateLimits.Window said, double perNano) {
        if (said.reset().filter(Duration::isPositive).isEmpty()) {
            // Not said; or an instant in the past, by a clock that is ahead.
            return;
        }
        double reset = said.reset().get().toNanos();
        double refill = (said.limit() - said.remaining()) / perNano;
        double tolerance = TOLERANCE * refill + TOLERANCE_NANOS;
        longestReset = Math.max(longestReset * FADE, reset);
        forBucket *= MEMORY;
        forWindow *= MEMORY;
        if (Math.abs(reset - refill) > tolerance) {
            forWindow++;
        } else {
            forBucket++;
        }
        edge(sent, sent.plus(said.reset().get()));
    }

    /** What the evidence so far says. */
    Optional<Kind> kind() {
        if (forBucket + forWindow < VOTES) {
            return Optional.empty();
        }
        boolean window = forWindow > FOR_WINDOW * (forBucket + forWindow);
        return Optional.of(window ? Kind.WINDOW : Kind.BUCKET);
    }

    /** How long a window lasts, once two have been seen. */
    Optional<Duration> length() {
        return length.isZero() ? Optional.empty() : Optional.of(length);
    }

    /** When the latest window seen ends. */
    Instant lastEdge() {
        return lastEdge;
    }

    private void edge(Instant sent, Instant edge) {
        if (lastEdge.equals(Instant.MIN) || isImplausible(sent)) {
            lastEdge = edge;
            return;
        }
        Duration later = Duration.between(lastEdge, edge);
        if (later.compareTo(SHORTEST_WINDOW) > 0) {
            Duration whole = Duration.ofSeconds(Math.max(1, Math.round(later.toMillis() / 1e3)));
            length = length.isZero() || whole.compareTo(length) < 0 ? whole : length;
            lastEdge = edge;
        }
    }

    /** An edge so far away was told by a clock that is wrong. */
    private boolean isImplausible(Instant sent) {
        double away = Duration.between(sent, lastEdge).toNanos();
        return away > FURTHEST * longestReset + SHORTEST_WINDOW.toNanos();
    }
}
