package dev.sluice.admission.limits;

import java.util.Map;
import java.util.Optional;

/**
 * The configured limits of requests per user and hour.
 *
 * @param perHour limit of users without an entry in {@code ofUsers}
 * @param ofUsers limits of single users, by user id
 */
public record Rates(int perHour, Map<String, Integer> ofUsers) {
    public Rates {
        ofUsers = Map.copyOf(ofUsers);
    }

    /** The same limit for all users. */
    public static Rates ofEach(int perHour) {
        return new Rates(perHour, Map.of());
    }

    public int of(String user) {
        return Optional.ofNullable(ofUsers.get(user)).orElse(perHour);
    }
}
