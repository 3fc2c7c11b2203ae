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
final class Pauses {
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** How long the others wait for what comes of a probe before the next one goes. */
    private static final Duration PROBE = Duration.ofSeconds(10);

    private Instant until = Instant.MIN;
    private Instant since = Instant.MIN;
    private int strikes;
    private String trouble = "";

    /** Until when calls wait, if they do. */
    synchronized Optional<Instant> until(Instant now) {
        return until.isAfter(now) ? Optional.of(until) : Optional.empty();
    }

    /** What an operator has to mend, if something. */
    synchronized Optional<String> trouble() {
        return strikes > 0 ? Optional.of(trouble) : Optional.empty();
    }

    /** Whether a call may go now; the one that may go after a long pause is its probe. */
    synchronized boolean enter(Instant now) {
        if (until.isAfter(now)) {
            return false;
        }
        if (strikes > 0) {
            until = now.plus(PROBE);
        }
        return true;
    }

    /** The provider asks to come back later. */
    synchronized void ask(Instant now, Duration wait) {
        Instant asked = now.plus(wait);
        until = until.isAfter(asked) ? until : asked;
    }

    /**
     * Something only an operator can mend; each further time the pause is longer.
     *
     * @return whether this is news; calls sent before the pause began tell nothing new
     */
    synchronized boolean stop(Instant sent, Instant now, String message) {
        if (strikes > 0 && !sent.isAfter(since)) {
            return false;
        }
        Duration pause = FIRST.multipliedBy(1L << Math.min(strikes, 10));
        strikes++;
        since = now;
        trouble = message;
        until = now.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
        return true;
    }

    /** A call was taken: nothing is wrong any more. */
    synchronized void lift() {
        if (strikes > 0) {
            strikes = 0;
            trouble = "";
            until = Instant.MIN;
        }
    }
}
