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
 * What users may spend in a day, USD.
 *
 * @param daily of users that are not named
 * @param ofUsers of those that are
 * @param zone in which days begin
 */
public record Budgets(Cost daily, Map<String, Cost> ofUsers, ZoneId zone) {
    public Budgets {
        ofUsers = Map.copyOf(ofUsers);
    }

    /** The same for everybody, by days in UTC. */
    public static Budgets ofEach(long usd) {
        return new Budgets(new Cost(BigDecimal.valueOf(usd)), Map.of(), ZoneOffset.UTC);
    }

    public Cost of(String user) {
        return Optional.ofNullable(ofUsers.get(user)).orElse(daily);
    }

    public LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, zone);
    }

    /** When the day after begins. */
    public Instant endOf(LocalDate day) {
        return day.plusDays(1).atStartOfDay(zone).toInstant();
    }
}
