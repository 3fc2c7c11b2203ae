package dev.sluice.analysis.quota;

import dev.sluice.analysis.model.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Detector of the way a provider counts a limit: in a bucket that refills steadily, or in fixed
 * windows. The reset time of a bucket is the time its missing units take to flow in; the reset time
 * of a window is the time to its end, however much is left.
 *
 * <p>{@code refill = (limit - remaining) / rate}. An answer votes for a bucket if its reset lies
 * within 20 % plus 100 ms of {@code refill}, otherwise for a window. From 9 votes on, the provider
 * counts in windows if more than 20 % of the votes say so. Example: 6,000 requests per minute with
 * 5,400 remaining are 600 missing at 100 per second, a refill of 6 s. A reset from 4.7 to 7.3 s
 * votes for a bucket, one of 40 s for a window.
 *
 * <p>Not safe for use by several threads.
 */
final class ResetPattern {
    private static final int VOTES = 8;
    private static final double MEMORY = 0.9999;

    /**
     * Fraction of votes above which windows are assumed. In parts of a window its reset looks like
     * that of a bucket, so a majority is not needed.
     */
    private static final double FOR_WINDOW = 0.2;

    private static final double TOLERANCE = 0.2;
    private static final double TOLERANCE_NANOS = 100e6;

    /**
     * Smallest difference between the ends of two windows. Windows last whole seconds; shorter
     * differences are network delays.
     */
    private static final Duration SHORTEST_WINDOW = Duration.ofMillis(500);

    /**
     * Decay of the longest reset for each answer; a single value is forgotten after some hundred.
     */
    private static final double FADE = 0.99;

    /** Most plausible distance of a window's end, in longest recent resets. */
    private static final double MOST_RESETS_AWAY = 3;

    private double forBucket;
    private double forWindow;
    private double longestReset;
    private Instant lastEdge = Instant.MIN;
    private Duration length = Duration.ZERO;

    /** The way a provider counts. */
    enum Kind {
        BUCKET,
        WINDOW
    }

    /**
     * Counts the vote of one answer.
     *
     * @param sent when the answered call was sent
     * @param perNano the limit in units per nanosecond
     */
    void observe(Instant sent, RateLimits.Window reported, double perNano) {
        if (reported.reset().filter(Duration::isPositive).isEmpty()) {
            // Not reported, or an instant in the past because this clock is ahead.
            return;
        }
        double reset = reported.reset().get().toNanos();
        double refill = (reported.limit() - reported.remaining()) / perNano;
        double tolerance = TOLERANCE * refill + TOLERANCE_NANOS;
        longestReset = Math.max(longestReset * FADE, reset);
        forBucket *= MEMORY;
        forWindow *= MEMORY;
        if (Math.abs(reset - refill) > tolerance) {
            forWindow++;
        } else {
            forBucket++;
        }
        edge(sent, sent.plus(reported.reset().get()));
    }

    /** The way of counting that the votes so far show; empty before enough votes. */
    Optional<Kind> kind() {
        if (forBucket + forWindow < VOTES) {
            return Optional.empty();
        }
        boolean window = forWindow > FOR_WINDOW * (forBucket + forWindow);
        return Optional.of(window ? Kind.WINDOW : Kind.BUCKET);
    }

    /** Length of a window; empty until two have been seen. */
    Optional<Duration> length() {
        return length.isZero() ? Optional.empty() : Optional.of(length);
    }

    /** End of the latest window seen. */
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

    /** Whether the known end of a window is so far away that it came from a wrong clock. */
    private boolean isImplausible(Instant sent) {
        double away = Duration.between(sent, lastEdge).toNanos();
        return away > MOST_RESETS_AWAY * longestReset + SHORTEST_WINDOW.toNanos();
    }
}
