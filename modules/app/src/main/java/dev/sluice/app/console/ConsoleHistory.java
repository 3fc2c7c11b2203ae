package dev.sluice.app.console;

import dev.sluice.runtime.metrics.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last quarter of an hour of this process: outcomes, spend and time to outcome, so that a page
 * which opens at night shows what went before. Used by one thread.
 */
public final class ConsoleHistory {
    /** Number of points kept. */
    static final int POINTS = 180;

    /** Number of points over which quantiles are computed: a minute. */
    private static final int QUANTILE_POINTS = 12;

    private final MeterRegistry meters;
    private final List<Totals> totals = new ArrayList<>();

    /**
     * Totals at a time.
     *
     * @param durations number of outcomes by upper bound of their time in seconds, cumulative
     */
    private record Totals(
            Instant at,
            double results,
            double deadLetters,
            double usd,
            NavigableMap<Double, Double> durations) {}

    public ConsoleHistory(MeterRegistry meters) {
        this.meters = meters;
    }

    /** Adds a point. */
    void sample(Instant now) {
        totals.add(
                new Totals(
                        now,
                        sum(Metric.OUTCOMES, ConsoleHistory::isResult),
                        sum(Metric.OUTCOMES, counter -> !isResult(counter)),
                        sum(Metric.SPEND, _ -> true),
                        durations()));
        if (totals.size() > POINTS + QUANTILE_POINTS) {
            totals.removeFirst();
        }
    }

    /**
     * The points, the oldest first: results and dead letters per second, spend in USD per minute,
     * and, over the last minute, the median and the 95th percentile of the time to outcome in
     * seconds, which are null without an outcome.
     */
    ArrayNode json() {
        ArrayNode points = JsonMapper.shared().createArrayNode();
        for (int i = Math.max(1, totals.size() - POINTS); i < totals.size(); i++) {
            Totals before = totals.get(i - 1);
            Totals now = totals.get(i);
            double seconds =
                    Math.max(1, now.at.toEpochMilli() - before.at.toEpochMilli()) / 1_000.0;
            NavigableMap<Double, Double> durations =
                    difference(
                            now.durations, totals.get(Math.max(0, i - QUANTILE_POINTS)).durations);
            ObjectNode point = points.addObject();
            point.put("at", now.at.toEpochMilli());
            point.put("results", (now.results - before.results) / seconds);
            point.put("deadLetters", (now.deadLetters - before.deadLetters) / seconds);
            point.put("usd", (now.usd - before.usd) / seconds * 60);
            putQuantile(point, "p50", durations, 0.5);
            putQuantile(point, "p95", durations, 0.95);
        }
        return points;
    }

    private static void putQuantile(
            ObjectNode point,
            String name,
            NavigableMap<Double, Double> durations,
            double quantile) {
        double seconds = quantile(durations, quantile);
        if (Double.isNaN(seconds)) {
            point.putNull(name);
        } else {
            point.put(name, seconds);
        }
    }

    /**
     * The quantile, linear between the bounds of its bucket, as Prometheus computes it: the highest
     * bound for what is beyond it, and NaN without outcomes.
     */
    static double quantile(NavigableMap<Double, Double> cumulative, double quantile) {
        if (cumulative.isEmpty() || cumulative.lastEntry().getValue() <= 0) {
            return Double.NaN;
        }
        double rank = quantile * cumulative.lastEntry().getValue();
        double lower = 0;
        double below = 0;
        for (var bucket : cumulative.entrySet()) {
            if (bucket.getKey().isInfinite()) {
                return lower;
            }
            if (bucket.getValue() >= rank && bucket.getValue() > below) {
                return lower
                        + (bucket.getKey() - lower) * (rank - below) / (bucket.getValue() - below);
            }
            lower = bucket.getKey();
            below = bucket.getValue();
        }
        return lower;
    }

    private static NavigableMap<Double, Double> difference(
            NavigableMap<Double, Double> now, NavigableMap<Double, Double> before) {
        NavigableMap<Double, Double> difference = new TreeMap<>();
        now.forEach(
                (bound, count) -> difference.put(bound, count - before.getOrDefault(bound, 0.0)));
        return difference;
    }

    private NavigableMap<Double, Double> durations() {
        NavigableMap<Double, Double> counts = new TreeMap<>();
        for (Timer timer : meters.find(Metric.OUTCOME_DURATION.id()).timers()) {
            HistogramSnapshot snapshot = timer.takeSnapshot();
            for (CountAtBucket bucket : snapshot.histogramCounts()) {
                counts.merge(bucket.bucket(TimeUnit.SECONDS), bucket.count(), Double::sum);
            }
            counts.merge(Double.POSITIVE_INFINITY, (double) snapshot.count(), Double::sum);
        }
        return counts;
    }

    private double sum(Metric metric, Predicate<Counter> which) {
        return meters.find(metric.id()).counters().stream()
                .filter(which)
                .mapToDouble(Counter::count)
                .sum();
    }

    private static boolean isResult(Counter outcomes) {
        return "RESULT".equals(outcomes.getId().getTag("kind"));
    }
}
