package dev.sluice.analysis.guard;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The pauses of one deployment: short ones that its provider asks for, and long ones until an
 * operator mends what is wrong. After a long one a single call goes as a probe while the others go
 * on waiting, so that a bad key costs a call a minute and not a backlog. Safe for use by many
 * threads.
 */
final class DeploymentPauses {
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** How long the others wait for what comes of a probe before the next one goes. */
    private static final Duration PROBE = Duration.ofSeconds(10);

    /** First pause after a call was turned away without a word of when to come back. */
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);

    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    private Instant askedUntil = Instant.MIN;
    private Instant askedAt = Instant.MIN;
    private Instant turnedAwayAt = Instant.MIN;
    private int turnedAway;
    private Instant stoppedUntil = Instant.MIN;
    private Instant stoppedAt = Instant.MIN;
    private int strikes;
    private String trouble = "";

    /** Until when calls wait, if they do. */
    synchronized Optional<Instant> until(Instant now) {
        Instant until = stoppedUntil.isAfter(askedUntil) ? stoppedUntil : askedUntil;
        return until.isAfter(now) ? Optional.of(until) : Optional.empty();
    }

    /** What an operator has to mend, if something. */
    synchronized Optional<String> trouble() {
        return strikes > 0 ? Optional.of(trouble) : Optional.empty();
    }

    /** Whether a call may go now; the one that may go after a long pause is its probe. */
    synchronized boolean enter(Instant now) {
        if (until(now).isPresent()) {
            return false;
        }
        if (strikes > 0) {
            stoppedUntil = now.plus(PROBE);
        }
        return true;
    }

    /**
     * The provider asks to come back later. A call that was sent before the latest such pause began
     * asks for nothing more than a pause as long as that, counted from the same beginning.
     *
     * @param sent when the call was sent that was answered so
     * @return whether a pause begins with it
     */
    synchronized boolean ask(Instant sent, Instant now, Duration wait) {
        if (!wait.isPositive()) {
            return false;
        }
        boolean begins = !askedUntil.isAfter(now);
        boolean news = sent.isAfter(askedAt);
        Instant until = (news ? now : askedAt).plus(wait);
        askedUntil = askedUntil.isAfter(until) ? askedUntil : until;
        askedAt = news ? now : askedAt;
        return begins && until.isAfter(now);
    }

    /**
     * The provider turned a call away without a word of when to come back, or asked for no time at
     * all: the pause doubles with each further time.
     *
     * @param sent when the call was sent; calls sent before a pause began tell nothing new
     */
    synchronized void turnAway(Instant sent, Instant now) {
        if (sent.isAfter(askedAt)) {
            Duration pause = FIRST_BACKOFF.multipliedBy(1L << Math.min(turnedAway, 10));
            boolean _ =
                    ask(sent, now, pause.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : pause);
            turnedAway++;
            turnedAwayAt = now;
        }
    }

    /**
     * Something only an operator can mend; each further time the pause is longer.
     *
     * @param sent when the call was sent that was turned away
     * @return whether this is news; calls sent before the pause began tell nothing new
     */
    synchronized boolean stop(Instant sent, Instant now, String message) {
        if (isOld(sent)) {
            return false;
        }
        Duration pause = FIRST.multipliedBy(1L << Math.min(strikes, 10));
        strikes++;
        stoppedAt = now;
        trouble = message;
        stoppedUntil = now.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
        return true;
    }

    /**
     * A call was taken: nothing is wrong any more, unless it was sent before something was.
     *
     * @param sent when the call was sent
     * @return whether an operator has mended something
     */
    synchronized boolean lift(Instant sent) {
        if (sent.isAfter(turnedAwayAt)) {
            turnedAway = 0;
        }
        if (strikes == 0 || isOld(sent)) {
            return false;
        }
        strikes = 0;
        trouble = "";
        stoppedUntil = Instant.MIN;
        return true;
    }

    private boolean isOld(Instant sent) {
        return strikes > 0 && !sent.isAfter(stoppedAt);
    }
}
