package dev.sluice.admission.limits;

import java.util.Map;
import java.util.Optional;

/**
 * How many requests users may send in an hour.
 *
 * @param perHour of users that are not named
 * @param ofUsers of those that are
 */
public record Rates(int perHour, Map<String, Integer> ofUsers) {
    public Rates {
        ofUsers = Map.copyOf(ofUsers);
    }

    /** The same for everybody. */
    public static Rates ofEach(int perHour) {
        return new Rates(perHour, Map.of());
    }

    public int of(String user) {
        return Optional.ofNullable(ofUsers.get(user)).orElse(perHour);
    }
}
