package dev.sluice.analysis.guard;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Pauses of one deployment, during which no calls are made. There are three kinds:
 *
 * <ul>
 *   <li>The provider asks for a time ({@code retry-after}): the pause lasts that long.
 *   <li>The provider rejects a call without a time: {@code min(30 s, 0.5 s * 2^n)} after {@code n}
 *       earlier ones in a row: 0.5, 1, 2, 4, 8, 16, 30 s.
 *   <li>A fault that only an operator can fix, such as a bad key: {@code min(10 min, 1 min * 2^n)}
 *       after {@code n} earlier ones: 1, 2, 4, 8, 10 min.
 * </ul>
 *
 * <p>After an operator pause a single call is let through as a probe. The other calls wait 10 s for
 * its result before the next probe is let through. Example: with a bad key, probes start about 1,
 * 3, 7 and 15 minutes after the first failure, and then every 10 minutes. A bad key thus costs at
 * most one call a minute and not the backlog.
 *
 * <p>Safe for use by many threads.
 */
final class DeploymentPauses {
    /** First pause for an operator. */
    private static final Duration FIRST = Duration.ofMinutes(1);

    /** Longest pause for an operator. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** Time that other calls wait for the result of a probe before the next probe. */
    private static final Duration PROBE = Duration.ofSeconds(10);

    /** First pause after the provider rejected a call without a time to come back. */
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);

    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    private final Mutex mutex = new Mutex();
    private Instant requestedUntil = Instant.MIN;
    private Instant requestedAt = Instant.MIN;
    private Instant rejectedAt = Instant.MIN;
    private int rejections;
    private Instant blockedUntil = Instant.MIN;
    private Instant blockedAt = Instant.MIN;
    private int faults;
    private String fault = "";

    /** When the current pause ends; empty if there is none. */
    Optional<Instant> until(Instant now) {
        try (var _ = mutex.hold()) {
            Instant until = blockedUntil.isAfter(requestedUntil) ? blockedUntil : requestedUntil;
            return until.isAfter(now) ? Optional.of(until) : Optional.empty();
        }
    }

    /** The fault an operator has to fix, if there is one. */
    Optional<String> fault() {
        try (var _ = mutex.hold()) {
            return faults > 0 ? Optional.of(fault) : Optional.empty();
        }
    }

    /** Whether a call may be made now. The first call after an operator pause is its probe. */
    boolean enter(Instant now) {
        try (var _ = mutex.hold()) {
            if (until(now).isPresent()) {
                return false;
            }
            if (faults > 0) {
                blockedUntil = now.plus(PROBE);
            }
            return true;
        }
    }

    /**
     * Pauses because the provider asks to come back later. For a call that was sent before the
     * latest such pause began, the time counts from the beginning of that pause.
     *
     * @param sent when the rejected call was sent
     * @return whether a pause begins
     */
    boolean requested(Instant sent, Instant now, Duration wait) {
        try (var _ = mutex.hold()) {
            if (!wait.isPositive()) {
                return false;
            }
            boolean begins = !requestedUntil.isAfter(now);
            boolean isNew = sent.isAfter(requestedAt);
            Instant until = (isNew ? now : requestedAt).plus(wait);
            requestedUntil = requestedUntil.isAfter(until) ? requestedUntil : until;
            requestedAt = isNew ? now : requestedAt;
            return begins && until.isAfter(now);
        }
    }

    /**
     * Pauses because the provider rejected a call without a time to come back, or with a time of
     * zero. The pause doubles with each further rejection.
     *
     * @param sent when the call was sent; a call sent before the pause began is ignored
     */
    void rejected(Instant sent, Instant now) {
        try (var _ = mutex.hold()) {
            if (sent.isAfter(requestedAt)) {
                Duration pause = FIRST_BACKOFF.multipliedBy(1L << Math.min(rejections, 10));
                boolean _ =
                        requested(
                                sent,
                                now,
                                pause.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : pause);
                rejections++;
                rejectedAt = now;
            }
        }
    }

    /**
     * Pauses because of a fault that only an operator can fix. The pause doubles each further time.
     *
     * @param sent when the rejected call was sent; a call sent before the pause began is ignored
     * @return whether the pause begins or is extended
     */
    boolean blocked(Instant sent, Instant now, String message) {
        try (var _ = mutex.hold()) {
            if (isBeforeFault(sent)) {
                return false;
            }
            Duration pause = FIRST.multipliedBy(1L << Math.min(faults, 10));
            faults++;
            blockedAt = now;
            fault = message;
            blockedUntil = now.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
            return true;
        }
    }

    /**
     * Ends the operator pause because the provider accepted a call, unless the call was sent before
     * the fault.
     *
     * @param sent when the call was sent
     * @return whether a fault was fixed
     */
    boolean accepted(Instant sent) {
        try (var _ = mutex.hold()) {
            if (sent.isAfter(rejectedAt)) {
                rejections = 0;
            }
            if (faults == 0 || isBeforeFault(sent)) {
                return false;
            }
            faults = 0;
            fault = "";
            blockedUntil = Instant.MIN;
            return true;
        }
    }

    private boolean isBeforeFault(Instant sent) {
        return faults > 0 && !sent.isAfter(blockedAt);
    }
}
