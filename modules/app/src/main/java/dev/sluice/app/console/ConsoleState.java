package dev.sluice.app.console;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.outcome.Reasons;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this process does now, as JSON: its health, the meters behind {@code /metrics} that the
 * console shows, and the newest dead letters. It has no content of requests or answers.
 */
public final class ConsoleState {
    private static final Map<String, Metric> SHOWN =
            Stream.of(
                            Metric.ADMITTED,
                            Metric.DUPLICATES,
                            Metric.SHARED,
                            Metric.SAVED,
                            Metric.WAITING_REQUESTS,
                            Metric.OLDEST_WAITING,
                            Metric.PENDING,
                            Metric.RESERVED,
                            Metric.REFUNDED,
                            Metric.CEILING,
                            Metric.CEILING_BOOKED,
                            Metric.OUTCOMES,
                            Metric.OUTCOME_DURATION,
                            Metric.STAGE_DURATION,
                            Metric.VALIDITY,
                            Metric.WASTE,
                            Metric.CALLS,
                            Metric.CALL_DURATION,
                            Metric.TOKENS,
                            Metric.SPEND,
                            Metric.WAITS,
                            Metric.WAITING,
                            Metric.PROVIDER_LIMIT,
                            Metric.PROVIDER_REMAINING,
                            Metric.QUOTA_ALLOWED,
                            Metric.DEPLOYMENT_STATE,
                            Metric.FAILURE_RATE,
                            Metric.IN_FLIGHT,
                            Metric.INTAKE_PAUSED,
                            Metric.LAG,
                            Metric.OLDEST_JOB,
                            Metric.REJECTED)
                    .collect(toMap(Metric::id, identity()));

    private static final String HOST = host();

    private final Instant startedAt = Instant.now();
    private final MeterRegistry meters;
    private final Health health;
    private final Set<Role> roles;
    private final RecentDeadLetters deadLetters;

    public ConsoleState(
            MeterRegistry meters, Health health, Set<Role> roles, RecentDeadLetters deadLetters) {
        this.meters = meters;
        this.health = health;
        this.roles = roles;
        this.deadLetters = deadLetters;
    }

    /**
     * The state now.
     *
     * @param withIds whether dead letters have the ids of their request and user
     */
    ObjectNode json(boolean withIds) {
        ObjectNode state = JsonMapper.shared().createObjectNode();
        ArrayNode listed = state.putArray("roles");
        roles.stream().sorted().forEach(role -> listed.add(role.name().toLowerCase(Locale.ROOT)));
        state.put("host", HOST).put("startedAt", startedAt.toString());
        health.notLive().forEach(state.putObject("notLive")::put);
        health.notReady().forEach(state.putObject("notReady")::put);
        health.notes().forEach(state.putObject("notes")::put);
        ObjectNode numbers = state.putObject("meters");
        SHOWN.keySet().forEach(numbers::putArray);
        for (Meter meter : meters.getMeters()) {
            Metric metric = SHOWN.get(meter.getId().getName());
            if (metric != null) {
                add(meter, (ArrayNode) numbers.get(metric.id()));
            }
        }
        ArrayNode letters = state.putArray("deadLetters");
        deadLetters.newestFirst().forEach(letter -> add(letter, letters.addObject(), withIds));
        return state;
    }

    /** In a container, the pod's name. */
    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "this machine";
        }
    }

    /** A gauge that has no value now is left out. */
    private static void add(Meter meter, ArrayNode to) {
        switch (meter) {
            case Counter counter -> number(meter, to).put("value", counter.count());
            case Timer timer ->
                    number(meter, to)
                            .put("count", timer.count())
                            .put("seconds", timer.totalTime(TimeUnit.SECONDS));
            case Gauge gauge -> {
                double value = gauge.value();
                if (Double.isFinite(value)) {
                    number(meter, to).put("value", value);
                }
            }
            default -> {}
        }
    }

    private static ObjectNode number(Meter meter, ArrayNode to) {
        ObjectNode number = to.addObject();
        meter.getId().getTags().forEach(tag -> number.put(tag.getKey(), tag.getValue()));
        return number;
    }

    private static void add(RecentDeadLetters.Entry letter, ObjectNode to, boolean withIds) {
        if (withIds) {
            to.put("requestId", letter.requestId()).put("userId", letter.userId());
        }
        to.put("at", letter.at().toString())
                .put("analysis", letter.analysis())
                .put("kind", Reasons.kind(letter.reason()).name())
                .put("reason", letter.reason().name())
                .put("stage", letter.stage().name());
    }
}
