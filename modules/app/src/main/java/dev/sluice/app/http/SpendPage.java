package dev.sluice.app.http;

import dev.sluice.app.spend.SpendView;
import dev.sluice.contract.Spend;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user's spend by day, as JSON. Amounts are strings, so that no client reads them as floating
 * point.
 */
public final class SpendPage {
    /** Number of days shown; older ones are not kept. */
    private static final int DAYS = 8;

    private final SpendView view;
    private final ZoneId zone;
    private final InstantSource clock;

    /**
     * @param zone time zone in which days begin
     */
    public SpendPage(SpendView view, ZoneId zone, InstantSource clock) {
        this.view = view;
        this.zone = zone;
        this.clock = clock;
    }

    /** The user's page; empty while the topic is still being read. */
    public Optional<String> of(String user) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), zone);
        return view.days(user, today, DAYS).map(days -> json(user, days));
    }

    private static String json(String user, List<Spend> days) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("userId", user);
        ArrayNode listed = body.putArray("days");
        for (Spend spend : days) {
            ObjectNode day = listed.addObject();
            day.put("day", spend.getDay().toString());
            day.put("limitUsd", spend.getLimitUsd().toPlainString());
            day.put("spentUsd", spend.getSpentUsd().toPlainString());
            day.put("unconfirmedUsd", spend.getUnconfirmedUsd().toPlainString());
            day.put("reservedUsd", spend.getReservedUsd().toPlainString());
            day.put("updatedAt", spend.getUpdatedAt().toString());
        }
        return body.toString();
    }
}
