package dev.sluice.admission.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Counts of one user's requests by minute, for the limit of requests per hour. A minute counts for
 * 61 minutes, so the limit holds in every period of 60 minutes, whenever it begins. The price is a
 * delay of up to one minute.
 *
 * <p>Example: two requests per hour are allowed, and requests came at 10:00:30 and 10:10:00. The
 * minute 10:00 counts until 11:01:00, so the third request passes from 11:01:00 on.
 *
 * @param minutes minutes with at least one request, oldest first
 */
public record Arrivals(List<Minute> minutes) {
    static final Arrivals NONE = new Arrivals(List.of());

    private static final int SECONDS = 60;

    /** Minutes for which a request counts: one hour and the minute in which it begins. */
    private static final int KEPT = 61;

    public Arrivals {
        minutes = List.copyOf(minutes);
    }

    /**
     * The number of requests in one minute.
     *
     * @param number minutes since the epoch
     */
    record Minute(long number, int count) {
        Instant end() {
            return Instant.ofEpochSecond((number + KEPT) * SECONDS);
        }
    }

    /**
     * A copy with one more request at this time. Minutes that no longer count are dropped, and so
     * are minutes in the future, which remain after the clock was set back.
     */
    Arrivals with(Instant now) {
        long minute = minute(now);
        List<Minute> next = new ArrayList<>();
        int already = 0;
        for (Minute known : minutes) {
            if (known.number() == minute) {
                already = known.count();
            } else if (counts(known, minute)) {
                next.add(known);
            }
        }
        next.add(new Minute(minute, already + 1));
        return new Arrivals(next);
    }

    /**
     * The time from which the next request may pass; empty if it may pass now.
     *
     * @param perHour allowed requests per hour, at least 1
     */
    public Optional<Instant> fullUntil(int perHour, Instant now) {
        long minute = minute(now);
        int left = 0;
        for (Minute known : minutes) {
            left += counts(known, minute) ? known.count() : 0;
        }
        Optional<Instant> until = Optional.empty();
        for (Minute oldest : minutes) {
            if (left < perHour) {
                return until;
            }
            if (counts(oldest, minute)) {
                left -= oldest.count();
                until = Optional.of(oldest.end());
            }
        }
        return until;
    }

    /** Whether no minute counts at this time. */
    boolean isObsolete(Instant now) {
        long minute = minute(now);
        return minutes.stream().noneMatch(known -> counts(known, minute));
    }

    private static boolean counts(Minute known, long minute) {
        return known.number() > minute - KEPT && known.number() <= minute;
    }

    private static long minute(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), SECONDS);
    }
}
