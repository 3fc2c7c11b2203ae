package dev.sluice.analysis.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The limits of a deployment as far as they are configured, per minute, and how much of them is
 * this installation's. Those that are not configured are learned from what the provider says.
 *
 * @param fraction of the limits that this installation may use, above 0 and at most 1
 * @param settles whether the provider is known to give back tokens that were reserved and not used
 * @param maxCallsPerSecond a hard ceiling for each worker, whatever its quota has learned
 */
public record ProviderLimits(
        Map<Limit, Long> perMinute,
        double fraction,
        boolean settles,
        Optional<Double> maxCallsPerSecond) {
    /** Until the provider says how many it allows: what the smallest paid tiers do. */
    private static final long DEFAULT_REQUESTS = 500;

    public ProviderLimits {
        perMinute = Map.copyOf(perMinute);
        perMinute.forEach((limit, value) -> {
            if (value < 1) {
                throw new IllegalArgumentException(
                        limit.label() + "-per-minute must be positive, was " + value);
            }
        });
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "quota.fraction must be above 0 and at most 1, was " + fraction);
        }
        maxCallsPerSecond.ifPresent(calls -> {
            if (!(calls >= 0.001 && calls <= 100_000)) {
                throw new IllegalArgumentException(
                        "max-calls-per-second must be between 0.001 and 100000, was " + calls);
            }
        });
    }

    /** Nothing is configured. */
    public static ProviderLimits unknown() {
        return new ProviderLimits(Map.of(), 1, false, Optional.empty());
    }

    /** The same with a limit. */
    public ProviderLimits with(Limit limit, long value) {
        Map<Limit, Long> more = new EnumMap<>(Limit.class);
        more.putAll(perMinute);
        more.put(limit, value);
        return new ProviderLimits(more, fraction, settles, maxCallsPerSecond);
    }

    /** The same for an installation that may use only a part of them. */
    public ProviderLimits withFraction(double other) {
        return new ProviderLimits(perMinute, other, settles, maxCallsPerSecond);
    }

    /** The same with a hard ceiling for each worker. */
    public ProviderLimits withMaxCallsPerSecond(double calls) {
        return new ProviderLimits(perMinute, fraction, settles, Optional.of(calls));
    }

    public boolean isConfigured(Limit limit) {
        return perMinute.containsKey(limit);
    }

    /** What holds before the provider has said anything. */
    public Optional<Long> first(Limit limit) {
        return Optional.ofNullable(perMinute.get(limit))
                .or(() ->
                        limit == Limit.REQUESTS ? Optional.of(DEFAULT_REQUESTS) : Optional.empty());
    }
}
