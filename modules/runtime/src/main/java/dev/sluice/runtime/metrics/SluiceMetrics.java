package dev.sluice.runtime.metrics;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.compute.Step;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.task.Priority;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Records the metrics of the {@linkplain Metric catalogue} with Micrometer. Safe for use by many
 * threads.
 */
public final class SluiceMetrics implements CallObserver, ComputeObserver {
    private final MeterRegistry registry;

    /** Meters by their tags' values: a look-up in the registry builds an id with all tags. */
    private final Map<Metric, Map<List<String>, Meter>> meters = new EnumMap<>(Metric.class);

    /**
     * Registers the counters without tags: an alert sees the first event only if the counter was
     * there before, at 0.
     */
    public SluiceMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Metric metric : Metric.values()) {
            meters.put(metric, new ConcurrentHashMap<>());
        }
        for (Metric metric : Metric.values()) {
            if (metric.type() == Metric.Type.COUNTER && metric.tags().isEmpty()) {
                counter(metric);
            }
        }
    }

    /** Increments a counter by one. */
    public void count(Metric metric, String... tagValues) {
        counter(metric, tagValues).increment();
    }

    /** Adds an amount to a counter. */
    public void add(Metric metric, Number amount, String... tagValues) {
        counter(metric, tagValues).increment(amount.doubleValue());
    }

    /** Records a duration. */
    public void time(Metric metric, Duration duration, String... tagValues) {
        timer(metric, tagValues).record(duration);
    }

    /** Registers a timer before its first duration, so that an alert sees the first one, too. */
    public void register(Metric metric, String... tagValues) {
        var _ = timer(metric, tagValues);
    }

    /** Registers a gauge, whose value is read whenever metrics are collected. */
    public void gauge(Metric metric, Supplier<Number> value, String... tagValues) {
        var _ =
                Gauge.builder(metric.id(), value)
                        .description(metric.description())
                        .tags(tags(metric, tagValues))
                        .register(registry);
    }

    @Override
    public void called(String analysis, Call call) {
        String model = call.deployment().model();
        String status = call.ending().status().name();
        count(Metric.CALLS, analysis, model, call.deployment().name(), status);
        if (call.isServedByAnother()) {
            count(Metric.SERVED_BY_ANOTHER, model, call.deployment().name());
        }
        genAi(call);
        add(Metric.TOKENS, call.usage().input(), analysis, model, "input");
        add(Metric.TOKENS, call.usage().cachedInput(), analysis, model, "cached");
        add(Metric.TOKENS, call.usage().cacheWrite(), analysis, model, "cache-write");
        add(Metric.TOKENS, call.usage().output(), analysis, model, "output");
        add(Metric.TOKENS, call.usage().reasoning(), analysis, model, "reasoning");
        boolean confirmed = call.ending().status() != Call.Status.UNCONFIRMED;
        add(
                Metric.SPEND,
                call.cost().usd().doubleValue(),
                analysis,
                model,
                confirmed ? "confirmed" : "unconfirmed");
    }

    /** OpenTelemetry's metrics of a call. */
    private void genAi(Call call) {
        Endpoint endpoint = call.deployment().endpoint();
        boolean isAnswered = call.ending().status() == Call.Status.ANSWERED;
        String model = call.deployment().model();
        String provider = GenAi.provider(endpoint.provider());
        timer(
                        Metric.CALL_DURATION,
                        model,
                        GenAi.CHAT,
                        provider,
                        endpoint.sentAs(),
                        isAnswered ? "" : call.ending().status().name().toLowerCase(Locale.ROOT))
                .record(call.duration());
        if (isAnswered) {
            tokens(model, provider, endpoint.sentAs(), "input")
                    .record((double) call.usage().input());
            tokens(model, provider, endpoint.sentAs(), "output")
                    .record((double) call.usage().output());
        }
    }

    private DistributionSummary tokens(String... tagValues) {
        String[] values = {tagValues[0], GenAi.CHAT, tagValues[1], tagValues[2], tagValues[3]};
        return meter(
                DistributionSummary.class,
                Metric.TOKEN_USAGE,
                tags ->
                        DistributionSummary.builder(Metric.TOKEN_USAGE.id())
                                .description(Metric.TOKEN_USAGE.description())
                                .tags(tags)
                                .serviceLevelObjectives(Metric.tokenBuckets())
                                .register(registry),
                values);
    }

    /** Adds the metrics of a library. */
    public void bind(MeterBinder binder) {
        binder.bindTo(registry);
    }

    @Override
    public void waited(String model, String reason, Duration time) {
        timer(Metric.WAITS, model, reason).record(time);
    }

    @Override
    public void computed(Step step, Duration waited, Duration took, boolean cutOff) {
        String name = step.name();
        timer(Metric.COMPUTE_WAIT, name).record(waited);
        timer(Metric.COMPUTE_DURATION, name).record(took);
        if (cutOff) {
            count(Metric.COMPUTE_CUT_OFF, name);
        }
    }

    /** Registers the gauges of a compute pool: waiting work and stuck threads. */
    public void show(ComputePool pool) {
        for (Priority priority : Priority.values()) {
            gauge(Metric.COMPUTE_WAITING, () -> pool.waiting(priority), priority.name());
        }
        gauge(Metric.COMPUTE_STUCK, pool::stuck);
    }

    private Counter counter(Metric metric, String... tagValues) {
        return meter(
                Counter.class,
                metric,
                tags ->
                        Counter.builder(metric.id())
                                .description(metric.description())
                                .tags(tags)
                                .register(registry),
                tagValues);
    }

    private Timer timer(Metric metric, String... tagValues) {
        return meter(
                Timer.class,
                metric,
                tags ->
                        Timer.builder(metric.id())
                                .description(metric.description())
                                .tags(tags)
                                .serviceLevelObjectives(metric.buckets())
                                .register(registry),
                tagValues);
    }

    private <M extends Meter> M meter(
            Class<M> type, Metric metric, Function<Tags, M> registered, String... tagValues) {
        Map<List<String>, Meter> known = Objects.requireNonNull(meters.get(metric));
        List<String> values = List.of(tagValues);
        Meter meter = known.get(values);
        if (meter == null) {
            meter = known.computeIfAbsent(values, _ -> registered.apply(tags(metric, tagValues)));
        }
        return type.cast(meter);
    }

    private static Tags tags(Metric metric, String... values) {
        List<String> names = metric.tags();
        if (names.size() != values.length) {
            throw new IllegalArgumentException(
                    metric + " has the tags " + names + ", got " + Arrays.toString(values));
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < names.size(); i++) {
            tags = tags.and(names.get(i), values[i]);
        }
        return tags;
    }
}
