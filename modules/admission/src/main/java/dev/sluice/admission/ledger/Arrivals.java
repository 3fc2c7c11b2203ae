package dev.sluice.admission.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many requests of a user came in the last hour, by minute, so that there are never more than
 * so many in any hour, whenever it begins.
 *
 * @param minutes the oldest first
 */
public record Arrivals(List<Minute> minutes) {
    static final Arrivals NONE = new Arrivals(List.of());

    private static final int SECONDS = 60;

    /** An hour, and the minute in which it begins. */
    private static final int KEPT = 61;

    public Arrivals {
        minutes = List.copyOf(minutes);
    }

    /**
     * One minute's requests.
     *
     * @param number of the minute since the epoch
     */
    record Minute(long number, int count) {
        Instant over() {
            return Instant.ofEpochSecond((number + KEPT) * SECONDS);
        }
    }

    /**
     * With one more that comes now. What is too old is forgotten, and what a clock set back left.
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

    /** Until when no more may come, if so many are allowed in an hour; empty if one may now. */
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
                until = Optional.of(oldest.over());
            }
        }
        return until;
    }

    /** Nothing in it matters any more. */
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
