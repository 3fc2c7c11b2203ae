package dev.sluice.runtime.metrics;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.compute.Step;
import dev.sluice.analysis.task.Priority;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Records the metrics of the {@linkplain Metric catalogue} with Micrometer. Safe for use by many
 * threads.
 */
public final class SluiceMetrics implements CallObserver, ComputeObserver {
    private final MeterRegistry registry;

    public SluiceMetrics(MeterRegistry registry) {
        this.registry = registry;
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
        timer(Metric.CALL_DURATION, model).record(call.duration());
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
        return Counter.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric, tagValues))
                .register(registry);
    }

    private Timer timer(Metric metric, String... tagValues) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric, tagValues))
                .serviceLevelObjectives(metric.buckets())
                .register(registry);
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
