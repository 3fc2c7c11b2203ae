package dev.sluice.admission.limits;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/**
 * The configured daily budgets of users, in USD.
 *
 * @param daily budget of users without an entry in {@code ofUsers}
 * @param ofUsers budgets of single users, by user id
 * @param zone time zone in which days begin
 */
public record Budgets(Cost daily, Map<String, Cost> ofUsers, ZoneId zone) {
    public Budgets {
        ofUsers = Map.copyOf(ofUsers);
    }

    /** The same budget for all users, with days in UTC. */
    public static Budgets ofEach(long usd) {
        return new Budgets(new Cost(BigDecimal.valueOf(usd)), Map.of(), ZoneOffset.UTC);
    }

    public Cost of(String user) {
        return Optional.ofNullable(ofUsers.get(user)).orElse(daily);
    }

    public LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, zone);
    }

    /** The instant at which the next day begins. */
    public Instant endOf(LocalDate day) {
        return day.plusDays(1).atStartOfDay(zone).toInstant();
    }
}
